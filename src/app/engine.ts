import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, sep } from 'node:path'
import type { Catalog } from '#catalog'
import type { MediaPool } from '#media'
import type { CallOperation, LocalRunStore } from '#experiments'
import type { Embedders, LocalModelRegistry, ModelShelf, TaskModel } from '#models'
import type { ModelLender, Serving } from '#serving'
import type { MapPoints, VectorRoom } from '#vectors'
import type { VersionRoom } from '#versions'
import type { Clock } from '#base'
import type { Config } from './config.ts'
import type { RoomSource } from './registry.ts'
import { describeEnvironment } from './environment.ts'
import { findMedia } from './find-media.ts'
import { createSampleMedia } from './sample-media.ts'
import { readVersion } from './version.ts'
import type { Workspace } from './workspace.ts'

/** How long a model stays open after its last use by work that ends. */
const modelLingerMs = 10_000

/** Whole columns of a dataset, as arrays that travel as they are. */
export interface DatasetView {
  /** Ids and width / height of what a query matches, in its order. Throws as `query.count` does. */
  frame(dataset: string | undefined, query: string): Promise<{ ids: Int32Array; aspects: Float32Array }>
  /** One value a sample, in id order. Throws FIELD_NOT_FOUND. */
  fieldValues(dataset: string | undefined, field: string): ReturnType<Catalog['fieldValues']>
  /** Points of a map, [x, y] after [x, y]. Throws SPACE_NOT_FOUND, MAP_NOT_FOUND. */
  points(dataset: string | undefined, space: string | undefined, method: string | undefined): Promise<MapPoints>
  /** Calls the listener after every change with the name of the dataset, null when it is gone. Answers how to stop. */
  onChange(listener: (dataset: string | null) => void): () => void
}

/** The rooms below the app, wired. Heavy parts are loaded when first needed. */
export interface Engine {
  rooms: readonly RoomSource[]
  /** Version of the catalogue on disk. */
  schemaVersion: number
  /** Worker threads that decode pictures; started at the first call. */
  media(): Promise<MediaPool>
  /** Where the bytes of a sample are, as it is now or as the version named has it. Throws SAMPLE_NOT_FOUND. */
  sampleFile(sample: number, dataset?: string): ReturnType<Catalog['sampleFile']>
  /** The endpoints. A server starts them. */
  serving(): Promise<Serving>
  /** What the web page draws from in bulk. */
  view: DatasetView
  /** Where a file of a run is. Throws RUN_NOT_FOUND, SOURCE_NOT_FOUND, PATH_OUTSIDE. */
  artefactFile(run: string, name: string): Promise<string>
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
  'sample.labels',
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
const modelIds = ['models.list', 'models.show', 'models.add', 'models.pull', 'models.remove']
const vectorIds = [
  'spaces.embed',
  'spaces.list',
  'spaces.remove',
  'spaces.import',
  'spaces.similar',
  'spaces.map',
  'spaces.points',
  'spaces.cluster',
  'curation.duplicates',
  'curation.outliers',
  'curation.score',
  'curation.select',
  'curation.autotag',
  'models.detect',
  'query.explain',
  'split.assign',
  'split.leaks',
]
const checkIds = [
  'check.run',
  'check.init',
  'check.list',
  'check.suites',
  'check.history',
  'check.report',
  'check.schema',
]
const labelIds = [
  'quality.label-errors',
  'quality.accept',
  'quality.box-errors',
  'quality.mask-errors',
  'quality.agreement',
]
const evaluationIds = ['evaluation.boxes', 'evaluation.classes', 'evaluation.masks']
const gateIds = ['gate.run', 'gate.init', 'gate.golden', 'bundle.make', 'bundle.verify']
const predictionIds = ['models.predict', 'evaluation.model', 'evaluation.show', 'evaluation.compare']
const runIds = [
  'run.list',
  'run.show',
  'run.history',
  'run.compare',
  'run.rerun',
  'run.remove',
  'run.artefacts',
  'run.artefact',
]
const registryIds = [
  'registry.list',
  'registry.show',
  'registry.register',
  'registry.alias',
  'registry.stage',
  'registry.verify',
  'registry.remove',
  'registry.evidence',
]
const servingIds = [
  'serving.list',
  'serving.show',
  'serving.deploy',
  'serving.rollback',
  'serving.remove',
  'serving.key-add',
  'serving.key-remove',
  'serving.stats',
]
const versionIds = [
  'versions.commit',
  'versions.list',
  'versions.show',
  'versions.tag',
  'versions.untag',
  'versions.diff',
]
const trainingIds = ['training.train', 'training.sweep', 'training.trainers']
const transferIds = ['dataset.import', 'dataset.export', 'dataset.inspect']
const demoIds = ['demo.make']

export interface EngineDeps {
  workspace: Workspace
  config: Config
  clock: Clock
  callOperation: CallOperation
}

/** Opens the catalogue of a workspace and readies the rooms. Throws WORKSPACE_BUSY, WORKSPACE_TOO_NEW. */
export async function openEngine(deps: EngineDeps): Promise<Engine> {
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

  let shelved: Promise<{ shelf: ModelShelf; embedders: Embedders }> | undefined
  const models = (): NonNullable<typeof shelved> =>
    (shelved ??= import('#models').then(({ createModelShelf, createEmbedders }) => ({
      shelf: createModelShelf({
        folder: workspace.models,
        isRegistered: async (name) => (await registry()).has(name),
      }),
      embedders: createEmbedders({
        threads: config.models.threads ?? Math.max(1, availableParallelism()),
        maxPixels: config.limits.maxPixels,
      }),
    })))
  let tracked: Promise<LocalRunStore> | undefined
  const runs = (): NonNullable<typeof tracked> =>
    (tracked ??= import('#experiments').then(({ createRunStore }) =>
      createRunStore({
        folder: workspace.runs,
        clock,
        environment: () => describeEnvironment(workspace.folder),
        memoryBytes: () => process.memoryUsage.rss(),
      }),
    ))
  let registered: Promise<LocalModelRegistry> | undefined
  const registry = (): NonNullable<typeof registered> =>
    (registered ??= Promise.all([import('#models'), models()]).then(
      ([{ createModelRegistry, tryTaskModel }, { shelf }]) =>
        createModelRegistry({
          folder: workspace.registry,
          clock,
          shelf,
          tryModel: (folder) => tryTaskModel({ folder, maxPixels: config.limits.maxPixels }),
        }),
    ))
  let served: Promise<Serving> | undefined
  const serving = (): NonNullable<typeof served> =>
    (served ??= Promise.all([import('#serving'), registry()]).then(([{ createServing, openInThread }, known]) =>
      createServing({
        file: join(workspace.serving, 'endpoints.json'),
        registry: known,
        openModel: ({ folder }) =>
          openInThread({
            folder,
            threads: config.models.threads ?? Math.max(1, availableParallelism()),
            maxPixels: config.serving.maxPixels,
          }),
        clock,
      }),
    ))
  let lender: ModelLender | undefined
  /** A model for work that ends; versions, whose files never change, stay open a while for the next. */
  const openModel = async (folder: string, threads?: number): Promise<TaskModel> => {
    const { createModelLender, openInThread } = await import('#serving')
    const asked = {
      folder,
      threads: threads ?? config.models.threads ?? Math.max(1, availableParallelism()),
      maxPixels: config.limits.maxPixels,
    }
    if (!folder.startsWith(join(workspace.registry, sep))) return openInThread(asked)
    lender ??= createModelLender({ lingerMs: modelLingerMs })
    return lender.borrow(`${asked.threads} ${folder}`, () => openInThread(asked))
  }
  let room: Promise<VectorRoom> | undefined
  const vectors = (): NonNullable<typeof room> =>
    (room ??= Promise.all([import('#vectors'), models()]).then(([{ createVectorRoom }, { shelf, embedders }]) =>
      createVectorRoom({
        catalog,
        shelf,
        embedders,
        folder: workspace.spaces,
        fileOf: async (sample) => findMedia(workspace, sample),
      }),
    ))
  let kept: Promise<VersionRoom> | undefined
  const keptStates = (): Promise<VersionRoom> =>
    (kept ??= Promise.all([import('#versions'), import('#store')]).then(
      ([{ createVersionRoom }, { createLocalStore }]) =>
        createVersionRoom({
          catalog,
          store: createLocalStore({ folder: workspace.objects }),
          clock,
          folder: workspace.versions,
        }),
    ))
  catalog.versions.use({
    open: async (base, ref) => (await keptStates()).source.open(base, ref),
    has: async (base, ref) => (await keptStates()).source.has(base, ref),
  })
  catalog.useScores(async (dataset, call) => (await vectors()).scores(dataset, call))

  const sampleFile: Engine['sampleFile'] = async (sample, dataset) =>
    catalog.sampleFile(sample, dataset === undefined ? undefined : await catalog.resolveDataset(dataset))

  return {
    schemaVersion: catalog.schemaVersion,
    media,
    sampleFile,
    serving,
    artefactFile: async (run, name) => (await runs()).artefactFile(run, name),
    view: {
      async frame(name, query) {
        return catalog.frame(await catalog.resolveDataset(name), query)
      },
      async fieldValues(name, field) {
        return catalog.fieldValues(await catalog.resolveDataset(name), field)
      },
      async points(name, space, method) {
        return (await vectors()).points(await catalog.resolveDataset(name), space, method)
      },
      onChange: (listener) =>
        catalog.onChange((id) => {
          void catalog
            .datasets()
            .then((all) => listener(all.find((dataset) => dataset.id === id)?.name ?? null))
            .catch(() => {})
        }),
    },
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
      { name: 'versions', ids: versionIds, load: async () => (await keptStates()).operations },
      {
        name: 'models',
        ids: modelIds,
        async load() {
          const { createModelOperations } = await import('#models')
          const { shelf } = await models()
          return createModelOperations({ shelf, folder: workspace.models, maxPixels: config.limits.maxPixels })
        },
      },
      { name: 'vectors', ids: vectorIds, load: async () => (await vectors()).operations },
      {
        name: 'quality',
        ids: checkIds,
        async load() {
          const { createQualityOperations } = await import('#quality')
          return createQualityOperations({
            catalog,
            clock,
            folder: workspace.folder,
            home: workspace.home,
            keep: config.checks.keep,
            looks: {
              findSpace: async (...asked) => (await vectors()).looks.findSpace(...asked),
              findPairs: async (...asked) => (await vectors()).looks.findPairs(...asked),
              scoreOutliers: async (...asked) => (await vectors()).looks.scoreOutliers(...asked),
            },
            classify: async () => (await vectors()).classify,
            async thumbnail(sample, dataset) {
              const pictures = createSampleMedia({ workspace, config, pool: media, recorded: sampleFile })
              return readFile((await pictures.thumbnail(sample, dataset)).file)
            },
          })
        },
      },
      {
        name: 'labels',
        ids: labelIds,
        async load() {
          const { createLabelOperations } = await import('#quality')
          return createLabelOperations({ catalog, classify: async () => (await vectors()).classify })
        },
      },
      {
        name: 'evaluation',
        ids: evaluationIds,
        async load() {
          const { createEvaluationOperations } = await import('#evaluation')
          return createEvaluationOperations({ catalog })
        },
      },
      {
        name: 'prediction',
        ids: predictionIds,
        async load() {
          const { createPredictionOperations } = await import('#evaluation')
          return createPredictionOperations({
            catalog,
            registry,
            runs,
            openModel,
            fileOf: async (sample) => findMedia(workspace, sample),
          })
        },
      },
      {
        name: 'release',
        ids: gateIds,
        async load() {
          const { createReleaseOperations } = await import('#release')
          return createReleaseOperations({
            catalog,
            registry,
            runs,
            openModel,
            pairScenes: async (...asked) => (await vectors()).pairScenes(...asked),
            fileOf: async (sample) => findMedia(workspace, sample),
            clock,
            folder: workspace.folder,
            callOperation: deps.callOperation,
            maxPixels: config.limits.maxPixels,
            signingKey: workspace.signingKey,
            madeBy: `fovea ${readVersion()}`,
          })
        },
      },
      {
        name: 'experiments',
        ids: runIds,
        async load() {
          const { createRunOperations } = await import('#experiments')
          return createRunOperations({ runs: await runs(), callOperation: deps.callOperation })
        },
      },
      {
        name: 'registry',
        ids: registryIds,
        async load() {
          const { createRegistryOperations } = await import('#models')
          return createRegistryOperations({
            registry: await registry(),
            folder: workspace.registry,
            findRun: async (id) => (await runs()).find(id),
            listEndpoints: async () =>
              (await (await serving()).list()).map(({ name, settings, serving: versions }) => ({
                name,
                references: [settings.model, settings.canary?.model, settings.shadow].filter((each) => each != null),
                serving: versions,
              })),
          })
        },
      },
      {
        name: 'serving',
        ids: servingIds,
        async load() {
          const { createServingOperations } = await import('#serving')
          return createServingOperations({ serving: await serving() })
        },
      },
      {
        name: 'training',
        ids: trainingIds,
        async load() {
          const { createTrainingOperations, createTrainers, createJudge } = await import('#training')
          const { python, commands } = config.training
          return createTrainingOperations({
            catalog,
            runs: async () => runs(),
            registry: async () => registry(),
            shelf: async () => (await models()).shelf,
            fileOf: async (sample) => findMedia(workspace, sample),
            async divide(dataset, { ids, strata, group, heldOut, seed }, context) {
              const ratios = [
                { name: 'train', share: 1 - heldOut },
                { name: 'validation', share: heldOut },
              ]
              return (await vectors()).planSplit(dataset, { ids, ratios, strata, group, seed }, context)
            },
            pairScenes: async (dataset, context) => (await vectors()).pairScenes(dataset, context),
            folder: join(workspace.home, 'training'),
            threads: config.models.threads ?? Math.max(1, availableParallelism()),
            maxPixels: config.limits.maxPixels,
            clock,
            judge: createJudge({ catalog, callOperation: deps.callOperation }),
            trainers: createTrainers({ python, commands, cwd: workspace.folder, env: process.env }),
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
      await (await served)?.close()
      await lender?.close()
      await (await room)?.close()
      await (await shelved)?.embedders.close()
      await (await pool)?.close()
      await catalog.close()
    },
  }
}
