import { stat } from 'node:fs/promises'
import { exportDataset as exportSpec, importDataset as importSpec, inspectSource } from '#contract'
import { implement, type Operation } from '#base'
import { exportDataset } from './export.ts'
import { importDataset, type ImportDeps } from './import.ts'
import { openSource } from './source.ts'

/** Handlers of `dataset.import`, `dataset.export` and `dataset.inspect`. Paths come absolute; who may name which is the caller's matter. */
export function createTransferOperations(deps: ImportDeps): Operation[] {
  return [
    implement(importSpec, (input, context) => importDataset(deps, input, context)),
    implement(exportSpec, (input, context) => exportDataset(deps, input, context)),
    implement(inspectSource, async ({ path }, { signal, progress, mayReach }) => {
      const { tree, detected, candidates } = await openSource(path, 'auto', {
        imports: deps.imports,
        signal,
        progress,
        mayReach,
      })
      const files = (await stat(tree.root)).isDirectory() ? tree.files.length : 1
      const describe = ({ format, layout, evidence }: typeof detected) => ({ format, layout, evidence })
      return { detected: describe(detected), candidates: candidates.map(describe), files }
    }),
  ]
}
