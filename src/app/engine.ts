import { availableParallelism } from 'node:os'
import type { Catalog } from '#catalog'
import type { MediaPool } from '#media'
import type { Clock } from '#base'
import type { Config } from './config.ts'
import type { RoomSource } from './registry.ts'
import type { Workspace } from './workspace.ts'

/** The rooms below the app, wired. Heavy parts are loaded when first needed. */
export interface Engine {
  rooms: readonly RoomSource[]
  /** Version of the catalogue on disk. */
  schemaVersion: number
  /** Worker threads that decode pictures; started at the first call. */
  media(): Promise<MediaPool>
  close(): Promise<void>
}

const catalogIds = [
  'dataset.list',
  'dataset.show',
  'dataset.create',
  'dataset.delete',
  'dataset.edit-card',
  'dataset.problems',
  'ontology.show',
  'ontology.edit-class',
  'field.list',
  'field.add',
  'field.remove',
  'query.run',
  'query.count',
  'query.complete',
  'query.check',
  'query.stats',
  'query.tree',
  'sample.show',
  'sample.tag',
  'sample.untag',
  'sample.set',
  'sample.delete',
  'slice.save',
  'slice.list',
  'slice.show',
  'slice.remove',
  'history.list',
  'history.undo',
  'history.redo',
]
const transferIds = ['dataset.import', 'dataset.export', 'dataset.inspect']
const demoIds = ['demo.make']

/** Opens the catalogue of a workspace and readies the rooms. Throws WORKSPACE_BUSY, WORKSPACE_TOO_NEW. */
export async function openEngine(deps: { workspace: Workspace; config: Config; clock: Clock }): Promise<Engine> {
  const { workspace, config, clock } = deps
  const { openCatalog, createCatalogOperations } = await import('#catalog')
  const catalog: Catalog = await openCatalog({
    file: workspace.catalogFile,
    clock,
    ...(config.catalog.memoryMb === undefined ? {} : { memoryLimitMb: config.catalog.memoryMb }),
    ...(config.catalog.threads === undefined ? {} : { threads: config.catalog.threads }),
  })
  let pool: Promise<MediaPool> | undefined
  const media = (): Promise<MediaPool> => {
    pool ??= import('#media').then(({ createMediaPool }) =>
      createMediaPool({ threads: config.media.threads ?? Math.max(1, availableParallelism()) }),
    )
    return pool
  }

  return {
    schemaVersion: catalog.schemaVersion,
    media,
    rooms: [
      { name: 'catalog', ids: catalogIds, load: async () => createCatalogOperations({ catalog }) },
      {
        name: 'transfer',
        ids: transferIds,
        async load() {
          const [{ createTransferOperations }, { createLocalStore }] = await Promise.all([
            import('#transfer'),
            import('#store'),
          ])
          return createTransferOperations({
            catalog,
            media: await media(),
            store: createLocalStore({ folder: workspace.objects }),
            clock,
            limits: { maxPixels: config.limits.maxPixels },
            thumbnails: workspace.thumbnails,
            imports: workspace.imports,
          })
        },
      },
      {
        name: 'demo',
        ids: demoIds,
        async load() {
          const { createDemoOperations } = await import('#demo')
          return createDemoOperations({})
        },
      },
    ],
    async close() {
      await (await pool)?.close()
      await catalog.close()
    },
  }
}
