import { join } from 'node:path'
import { checkHistory, describeSuiteFile, initChecks, listChecks, listSuites, runChecks, showReport } from '#contract'
import { implement, type Clock, type Operation } from '#base'
import type { Catalog } from '#catalog'
import { profileDataset } from './profile/profile.ts'
import { writeReport } from './reports/write.ts'
import { gatherDeps } from './run/evidence.ts'
import { createReportStore } from './run/store.ts'
import { runSuite } from './run/run.ts'
import { chooseDataset } from './run/dataset.ts'
import { chooseSuite, loadSuiteFile, suitePath } from './suites/load.ts'
import { describeFile, parameterSchema } from './suites/schema.ts'
import type { CheckKind } from './types.ts'

export interface CheckOperationsDeps {
  catalog: Catalog
  clock: Clock
  /** Of the workspace, where the suite file lies. */
  folder: string
  /** `.fovea` of the workspace: reports are kept there, and the JSON schema of suite files. */
  home: string
  /** Reports that are kept, the newest. */
  keep: number
  kinds: readonly CheckKind[]
  /** Bytes of the JPEG thumbnail of a sample. Throws when there is none to be had. */
  thumbnail: (sample: string, dataset: string) => Promise<Uint8Array>
}

/** Handlers of check.*: suites are read anew at every call, as files change under one's hands. */
export function createCheckOperations(deps: CheckOperationsDeps): Operation[] {
  const { catalog, kinds, folder } = deps
  const store = createReportStore({ folder: join(deps.home, 'reports'), keep: deps.keep })
  return [
    implement(runChecks, async ({ dataset, suite: name, file: given, ...input }, { signal, progress, mayReach }) => {
      const file = suitePath(folder, given)
      const suite = chooseSuite(await loadSuiteFile(file, input.environment, kinds), name)
      const owner = mayReach === undefined
      const request = { ...input, owner, file, suite, dataset: await chooseDataset(catalog, file, suite, dataset) }
      return store.add(await runSuite(deps, request, { signal, progress }))
    }),
    implement(initChecks, async ({ dataset, file, suite, overwrite }, { signal, progress }) =>
      profileDataset(
        { ...deps, schemaFile: join(deps.home, 'fovea.checks.schema.json') },
        { dataset: await catalog.resolveDataset(dataset), file: suitePath(folder, file), suite, overwrite },
        { signal, progress },
      ),
    ),
    implement(listChecks, async () => ({
      checks: kinds.map((kind) => ({
        name: kind.name,
        title: kind.title,
        group: kind.group,
        about: kind.about,
        severity: kind.severity,
        needs: [...kind.needs],
        parameters: parameterSchema(kind),
      })),
    })),
    implement(listSuites, async ({ file: given, environment }) => {
      const { file, environments, suites } = await loadSuiteFile(suitePath(folder, given), environment, kinds)
      return {
        file,
        environments,
        suites: suites.map((suite) => ({
          name: suite.name,
          extends: suite.extends,
          stage: suite.stage,
          scope: suite.scope?.text ?? '',
          against: suite.against?.text ?? null,
          datasets: suite.datasets,
          checks: suite.checks.map((check) => ({
            id: check.id,
            check: check.kind.name,
            severity: check.severity ?? suite.severity ?? check.kind.severity,
            scope: check.scope?.text ?? '',
          })),
        })),
      }
    }),
    implement(checkHistory, async ({ dataset, suite, limit }) => {
      const all = await store.list()
      const known = dataset === undefined || all.some((report) => report.dataset === dataset)
      // Reports outlive their dataset; a name that neither has is a mistake.
      if (!known) await catalog.resolveDataset(dataset)
      const reports = all.filter(
        (report) =>
          (dataset === undefined || report.dataset === dataset) && (suite === undefined || report.suite === suite),
      )
      return { reports: reports.slice(0, limit) }
    }),
    implement(showReport, async ({ id, format }) => {
      const report = await store.read(id)
      if (format === 'json') return { report, text: null, mediaType: 'application/json' }
      return { report, ...(await writeReport(report, format, await gatherDeps({ ...deps, store }, report))) }
    }),
    implement(describeSuiteFile, async () => ({ schema: describeFile(kinds) })),
  ]
}
