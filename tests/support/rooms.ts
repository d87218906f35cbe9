import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import { openCatalog, createCatalogOperations, type Catalog } from '#catalog'
import { silentProgress, systemClock, type CallContext, type Operation } from '#base'
import { createEvaluationOperations, createPredictionOperations } from '#evaluation'
import { createRunStore, type RunStore } from '#experiments'
import { createMediaPool } from '#media'
import { createModelRegistry, openTaskModel, type ModelRegistry } from '#models'
import { createLocalStore } from '#store'
import { createTransferOperations } from '#transfer'

/** Catalogue, import, models, runs and evaluation, wired in one folder without jobs, lock and server. */
export interface Rooms {
  catalog: Catalog
  registry: ModelRegistry
  runs: RunStore
  /** Calls an operation as the app does, its input and output held against the contract. */
  call<T = Record<string, unknown>>(id: string, input?: object, context?: Partial<CallContext>): Promise<T>
  close(): Promise<void>
}

export async function openRooms(folder: string): Promise<Rooms> {
  const catalog = await openCatalog({ file: join(folder, 'catalog.duckdb'), clock: systemClock, memoryLimitMb: 500 })
  const media = createMediaPool({ threads: 1 })
  const registry = createModelRegistry({ folder: join(folder, 'registry'), clock: systemClock })
  const runs = createRunStore({
    folder: join(folder, 'runs'),
    clock: systemClock,
    environment: async () => ({ fovea: '0', node: process.version, platform: 'test', cpus: 1, revision: null }),
    memoryBytes: () => 1,
  })
  const limits = { maxPixels: 10_000_000 }
  const operations = new Map<string, Operation>(
    [
      ...createCatalogOperations({ catalog }),
      ...createTransferOperations({
        catalog,
        media,
        store: createLocalStore({ folder: join(folder, 'objects') }),
        clock: systemClock,
        limits,
        thumbnails: join(folder, 'thumbnails'),
        imports: join(folder, 'imports'),
      }),
      ...createEvaluationOperations({ catalog }),
      ...createPredictionOperations({
        catalog,
        registry: async () => registry,
        runs: async () => runs,
        openModel: (place) => openTaskModel({ folder: place, threads: 1, ...limits }),
        fileOf: async ({ source }) => source,
      }),
    ].map((operation) => [operation.spec.id, operation]),
  )
  return {
    catalog,
    registry,
    runs,
    async call<T>(id: string, input: object = {}, context: Partial<CallContext> = {}) {
      const { spec, handle } = operations.get(id)!
      const { signal } = new AbortController()
      // Import hands the signal to many pictures at once.
      setMaxListeners(0, signal)
      const answer = await handle(spec.input.parse(input), {
        signal,
        progress: silentProgress,
        actor: 'test',
        log: { info: () => {}, warn: () => {} },
        ...context,
      })
      return spec.output.parse(answer) as T
    },
    async close() {
      await media.close()
      await catalog.close()
    },
  }
}
