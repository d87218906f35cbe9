// Imports a folder in small batches and tags it over and over, saying aloud what was acknowledged, until it is killed.
// argv: workspace folder, source folder. Every line on stdout is one acknowledged write.
import { writeSync } from 'node:fs'
import { findWorkspace } from '#app'
import { silentProgress, systemClock, type Operation } from '#base'
import { createCatalogOperations, openCatalog } from '#catalog'
import { createMediaPool, defaultLimits } from '#media'
import { createLocalStore } from '#store'
import { createTransferOperations } from '#transfer'

const [folder, source] = process.argv.slice(2) as [string, string]
const workspace = await findWorkspace({ cwd: folder, named: folder })
const catalog = await openCatalog({ file: workspace.catalogFile, clock: systemClock })
const operations: Operation[] = [
  ...createCatalogOperations({ catalog }),
  ...createTransferOperations({
    catalog,
    media: createMediaPool({ threads: 1 }),
    store: createLocalStore({ folder: workspace.objects }),
    clock: systemClock,
    limits: defaultLimits,
    thumbnails: workspace.thumbnails,
    imports: workspace.imports,
    batchSize: 8,
  }),
]
const say = (line: string): void => void writeSync(1, `${line}\n`)
const call = async (id: string, input: object): Promise<void> => {
  const { spec, handle } = operations.find((operation) => operation.spec.id === id)!
  const context = {
    signal: new AbortController().signal,
    progress: silentProgress,
    actor: 'victim',
    log: { info() {}, warn() {} },
  }
  await handle(spec.input.parse(input), context)
}
say('open')
await call('dataset.import', { path: source, dataset: 'set' })
say('imported')
for (let n = 0; n < 1_000; n++) {
  await call('sample.tag', { dataset: 'set', query: '', tags: [`t${n}`] })
  say(`tagged t${n}`)
  if (n % 3 === 2) {
    await call('history.undo', {})
    say(`undone t${n}`)
  }
  await call('sample.set', { dataset: 'set', query: '', field: 'round', value: n })
  say(`set ${n}`)
}
