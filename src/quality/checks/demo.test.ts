import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importDataset, makeDemo } from '#contract'
import { silentProgress, systemClock, type CallContext, type Operation } from '#base'
import { openCatalog, type Catalog, type DatasetRef } from '#catalog'
import { createDemoOperations } from '#demo'
import { createMediaPool, defaultLimits, type MediaPool } from '#media'
import { createLocalStore } from '#store'
import { createTransferOperations } from '#transfer'
import type { Looked } from '../types.ts'
import { createCheckKinds } from './all.ts'

interface Fault {
  kind: string
  file: string
  truth: Record<string, string | number>
}

let folder: string
let catalog: Catalog
let media: MediaPool
let dataset: DatasetRef
let faults: Fault[]

const context: CallContext = {
  signal: new AbortController().signal,
  progress: silentProgress,
  actor: 'test',
  log: { info: () => {}, warn: () => {} },
}
const call = (operations: Operation[], id: string, input: unknown) =>
  operations.find(({ spec }) => spec.id === id)!.handle(input, context)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-demo-checks-'))
  catalog = await openCatalog({ file: join(folder, 'catalog.duckdb'), clock: systemClock, memoryLimitMb: 500 })
  media = createMediaPool({ threads: 1 })
  const to = join(folder, 'tiles')
  await call(createDemoOperations({}), 'demo.make', makeDemo.input.parse({ to, tiles: 12 }))
  const transfer = createTransferOperations({
    catalog,
    media,
    store: createLocalStore({ folder: join(folder, 'objects') }),
    clock: systemClock,
    limits: defaultLimits,
    thumbnails: join(folder, 'thumbnails'),
    imports: join(folder, 'imports'),
  })
  await call(transfer, 'dataset.import', importDataset.input.parse({ path: to, dataset: 'tiles' }))
  dataset = await catalog.resolveDataset('tiles')
  faults = (JSON.parse(await readFile(join(to, 'faults.json'), 'utf8')) as { faults: Fault[] }).faults
})
afterAll(async () => {
  await media.close()
  await catalog.close()
  await rm(folder, { recursive: true, force: true })
})

function look(name: string, parameters: Record<string, unknown> = {}): Promise<Looked> {
  const kind = createCheckKinds({ catalog: catalog.quality }).find((one) => one.name === name)!
  const { signal } = context
  return kind.look(
    { dataset, scope: '', reference: undefined, signal, clock: systemClock },
    kind.parameters.parse(parameters),
  )
}
const planted = (kind: string): string[] => faults.filter((fault) => fault.kind === kind).map(({ file }) => file)
const paths = ({ findings }: Looked): string[] => findings.map(({ path }) => path!)

test('pictures that were exposed too short are dark', async () => {
  const seen = await look('dark')
  expect(paths(seen)).toEqual(expect.arrayContaining(planted('dark')))
  expect(seen.looked).toBeGreaterThan(30)
})

test('pictures that were broken could not be read', async () => {
  const seen = await look('unreadable')
  expect(planted('corrupt')).toHaveLength(4)
  expect(paths(seen).filter((file) => planted('corrupt').some((broken) => file.endsWith(broken)))).toHaveLength(4)
  expect(seen).toMatchObject({ found: 4, broken: true })
})

test('every picture came by the import, and is as import measures', async () => {
  expect(await look('lineage')).toMatchObject({ found: 0, broken: false })
  expect(await look('schema')).toMatchObject({ found: 0, broken: false })
  expect(await look('exact-duplicates')).toMatchObject({ found: 0, broken: false })
})

test('labels that import made of masks lie where they should', async () => {
  for (const name of ['label-outside', 'label-empty', 'label-huge'])
    expect(await look(name), name).toMatchObject({ found: 0, broken: false })
})
