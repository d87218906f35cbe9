import { z } from 'zod'
import { operation } from './operation.ts'
import { report, reportSummary, severity, stage } from './report.ts'
import { datasetRef, queryText, selectionErrors } from './shared.ts'

const suiteFile = z
  .string()
  .min(1)
  .optional()
  .describe('Path of the suite file; fovea.checks.yaml in the folder of the workspace when left out')

const suiteErrors = ['SUITE_NOT_FOUND', 'SUITE_INVALID', 'SOURCE_UNREADABLE', 'PATH_OUTSIDE'] as const

export const runChecks = operation({
  id: 'check.run',
  summary: 'Run a suite of data tests; the report is kept in the history',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    suite: z.string().min(1).default('default'),
    file: suiteFile,
    scope: queryText.describe('Look only at these samples; joined with the scopes of suite and checks'),
    against: z
      .string()
      .max(20_000)
      .optional()
      .describe(
        'What to compare with: a version (v3, a tag, version:REF) or a slice (NAME, slice:NAME) of the dataset, another dataset (dataset:NAME) or a query',
      ),
    environment: z.string().min(1).optional().describe('Takes the parameters of this environment of the suite file'),
    stage: stage.optional().describe('Run only the checks of this stage'),
  }),
  output: report,
  errors: [...selectionErrors, ...suiteErrors, 'SLICE_NOT_FOUND'],
})

export const initChecks = operation({
  id: 'check.init',
  summary: 'Write a suite profiled from the data, with thresholds learned from it and comments that say why',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    file: suiteFile,
    suite: z
      .string()
      .regex(/^[A-Za-z_][\w.-]*$/, 'A name of a suite holds letters, digits, "_", "-" and "."')
      .default('default'),
    overwrite: z.boolean().default(false).describe('Replace a suite file that is there already'),
  }),
  output: z.object({ file: z.string(), suite: z.string(), checks: z.number().int(), text: z.string() }),
  errors: [...selectionErrors, 'TARGET_EXISTS', 'SOURCE_UNREADABLE', 'PATH_OUTSIDE'],
})

export const listChecks = operation({
  id: 'check.list',
  summary: 'List the kinds of checks with their parameters and defaults',
  effect: 'read',
  input: z.object({}),
  output: z.object({
    checks: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        group: z.string(),
        about: z.string().describe('What it finds, by which rule, from which source'),
        severity,
        needs: z.array(z.enum(['against', 'vectors', 'predictions', 'splits'])),
        parameters: z.record(z.string(), z.unknown()).describe('JSON schema of its parameters'),
      }),
    ),
  }),
  errors: [],
})

export const listSuites = operation({
  id: 'check.suites',
  summary: 'List the suites of a file, inheritance and parameters resolved',
  effect: 'read',
  input: z.object({ file: suiteFile, environment: z.string().min(1).optional() }),
  output: z.object({
    file: z.string(),
    environments: z.array(z.string()),
    suites: z.array(
      z.object({
        name: z.string(),
        extends: z.string().nullable(),
        stage: stage.nullable(),
        scope: z.string(),
        against: z.string().nullable(),
        datasets: z.array(z.string()).describe('Empty for any'),
        checks: z.array(z.object({ id: z.string(), check: z.string(), severity, scope: z.string() })),
      }),
    ),
  }),
  errors: [...suiteErrors],
})

export const checkHistory = operation({
  id: 'check.history',
  summary: 'List the reports kept, newest first',
  effect: 'read',
  input: z.object({
    dataset: z.string().min(1).optional().describe('Of all datasets when left out'),
    suite: z.string().min(1).optional(),
    limit: z.number().int().min(1).max(1_000).default(50),
  }),
  output: z.object({ reports: z.array(reportSummary) }),
  errors: ['DATASET_NOT_FOUND'],
})

export const showReport = operation({
  id: 'check.report',
  summary: 'Show a report of the history as data, or written for a browser, a CI system or a pull request',
  effect: 'read',
  input: z.object({
    id: z.string().min(1).optional().describe('r_<n>; the newest when left out'),
    format: z.enum(['json', 'html', 'junit', 'markdown']).default('json'),
  }),
  output: z.object({
    report,
    text: z.string().nullable().describe('The file; null for json'),
    mediaType: z.string(),
  }),
  errors: ['REPORT_NOT_FOUND'],
})

export const describeSuiteFile = operation({
  id: 'check.schema',
  summary: 'Print the JSON schema of suite files, for completion in editors',
  effect: 'read',
  input: z.object({}),
  output: z.object({ schema: z.record(z.string(), z.unknown()) }),
  errors: [],
})
