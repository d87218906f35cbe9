import { z } from 'zod'
import { operation } from './operation.ts'
import { dataSelectionSchema } from './registry.ts'

const param = z.union([z.string(), z.number(), z.boolean()])
const runState = z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted'])
const runRef = z.string().min(1).max(100).describe('Id of a run, its beginning, or last for the newest')

export const runSchema = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  experiment: z.string(),
  state: runState,
  actor: z.string(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  durationMs: z.number().describe('Time it was worked on, pauses left out'),
  parent: z.string().nullable(),
  params: z.record(z.string(), param),
  tags: z.record(z.string(), z.string()),
  metrics: z.record(z.string(), z.number()).describe('The last value of each'),
  data: dataSelectionSchema.nullable(),
  model: z.string().nullable().describe('NAME:VERSION it made or judged'),
  environment: z.object({
    fovea: z.string(),
    node: z.string(),
    platform: z.string(),
    cpus: z.number().int(),
    revision: z.string().nullable().describe('Git commit of the workspace folder'),
  }),
  peakMemoryBytes: z.number().nullable().describe('Of fovea and of programs started for the run, while it was open'),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  call: z.object({ operation: z.string(), input: z.unknown() }).nullable().describe('What run.rerun calls again'),
})
export type RunRecord = z.output<typeof runSchema>

export const listRuns = operation({
  id: 'run.list',
  summary: 'List runs: trainings, evaluations and gates with their metrics',
  effect: 'read',
  input: z.object({
    kind: z.string().min(1).optional().describe('train, evaluate, gate, sweep, …'),
    state: runState.optional(),
    name: z.string().min(1).optional().describe('Part of the name'),
    experiment: z.string().min(1).optional(),
    dataset: z.string().min(1).optional(),
    model: z.string().min(1).optional().describe('NAME or NAME:VERSION it made or judged'),
    parent: z.string().min(1).optional().describe('Runs of one sweep'),
    where: z
      .array(
        z
          .string()
          .regex(/^.+?\s*(<=|>=|<|>|=)\s*-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'Expected a bound such as dice >= 0.7'),
      )
      .default([])
      .describe('Bounds of metrics, for example "dice >= 0.7"; all must hold'),
    order: z.string().min(1).default('started').describe('started, duration, memory, name, or a metric'),
    ascending: z.boolean().default(false),
    limit: z.number().int().min(1).max(100_000).default(50),
  }),
  output: z.object({
    runs: z.array(runSchema),
    total: z.number().int().describe('Runs that match, whatever the limit'),
  }),
  errors: ['RUN_NOT_FOUND'],
})

export const showRun = operation({
  id: 'run.show',
  summary: 'Show a run: parameters, metrics, data, environment, artefacts',
  effect: 'read',
  input: z.object({ run: runRef }),
  output: z.object({
    run: runSchema,
    children: z.array(z.string()).describe('Runs below it, the oldest first'),
    artefacts: z.array(z.object({ name: z.string(), bytes: z.number().int() })),
  }),
  errors: ['RUN_NOT_FOUND'],
})

export const readRunHistory = operation({
  id: 'run.history',
  summary: 'Curves of the metrics of a run, thinned for drawing',
  effect: 'read',
  input: z.object({
    run: runRef,
    metrics: z.array(z.string().min(1)).optional().describe('Names; all where left out'),
    points: z
      .number()
      .int()
      .min(2)
      .max(1_000_000)
      .default(1_000)
      .describe('At most so many of each metric; lowest and highest values stay'),
  }),
  output: z.object({
    run: z.string(),
    curves: z.array(
      z.object({
        metric: z.string(),
        total: z.number().int().describe('Values that were logged'),
        steps: z.array(z.number()),
        values: z.array(z.number()),
        times: z.array(z.number()).describe('ms since 1970'),
      }),
    ),
  }),
  errors: ['RUN_NOT_FOUND'],
})

const row = z.object({
  name: z.string(),
  values: z.array(param.nullable()).describe('One a run, in order; null where it has none'),
  differs: z.boolean(),
})

export const compareRuns = operation({
  id: 'run.compare',
  summary: 'Hold runs against each other: what was different, and which did best',
  effect: 'read',
  input: z.object({
    runs: z.array(runRef).min(2).max(100),
    all: z.boolean().default(false).describe('Parameters and facts that are the same, too'),
    lower: z
      .array(z.string().min(1))
      .default([])
      .describe('Metrics of which less is better, beside those whose name says so (loss, error, mae, …)'),
  }),
  output: z.object({
    runs: z.array(runSchema),
    params: z.array(row),
    facts: z.array(row).describe('Data, model and environment'),
    metrics: z.array(
      z.object({
        name: z.string(),
        values: z.array(z.number().nullable()),
        better: z.enum(['higher', 'lower']),
        best: z.array(z.number().int()).describe('Numbers of the runs that did best, from 0'),
      }),
    ),
  }),
  errors: ['RUN_NOT_FOUND'],
})

export const rerunRun = operation({
  id: 'run.rerun',
  summary: 'Do again what a run did: the same operation with the same input',
  effect: 'write',
  long: true,
  input: z.object({
    run: runRef,
    changes: z.record(z.string(), z.unknown()).default({}).describe('Inputs that are to be different'),
  }),
  output: z.object({ operation: z.string(), input: z.unknown(), output: z.unknown() }),
  errors: ['RUN_NOT_FOUND', 'OPERATION_NOT_FOUND', 'PATH_OUTSIDE'],
})

export const removeRuns = operation({
  id: 'run.remove',
  summary: 'Remove runs with their metrics and artefacts; models they made stay',
  effect: 'destructive',
  input: z.object({
    runs: z.array(runRef).min(1),
    below: z.boolean().default(false).describe('Runs below them (of a sweep) as well'),
  }),
  output: z.object({ removed: z.array(z.string()) }),
  errors: ['RUN_NOT_FOUND', 'RUN_ACTIVE'],
})

export const listRunArtefacts = operation({
  id: 'run.artefacts',
  summary: 'List the files a run left',
  effect: 'read',
  input: z.object({ run: runRef }),
  output: z.object({
    run: z.string(),
    artefacts: z.array(z.object({ name: z.string(), bytes: z.number().int() })),
  }),
  errors: ['RUN_NOT_FOUND'],
})

export const readRunArtefact = operation({
  id: 'run.artefact',
  summary: 'Read a text file a run left; other files come from /runs/ID/artefacts/NAME',
  effect: 'read',
  input: z.object({ run: runRef, name: z.string().min(1) }),
  output: z.object({ name: z.string(), bytes: z.number().int(), text: z.string() }),
  errors: ['RUN_NOT_FOUND', 'SOURCE_NOT_FOUND', 'SOURCE_UNREADABLE', 'PATH_OUTSIDE'],
})
