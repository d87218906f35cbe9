import type { CallContext, Operation } from '#base'
import type { DatasetRef, MediaRow, VectorPort } from '#catalog'
import type { Embedders, ModelShelf } from '#models'
import { createClassifier, type Classifier } from './classify/classifier.ts'
import type { VectorDeps } from './deps.ts'
import { createVectorEngine } from './engine/engine.ts'
import { createLooks, type Looks } from './looks.ts'
import { createAutotagOperation } from './operations/autotag.ts'
import { createCurationOperations } from './operations/curation.ts'
import { createDetectOperation } from './operations/detect.ts'
import { createExplainOperation } from './operations/explain.ts'
import { createMapOperations, readPoints, type MapPoints } from './operations/maps.ts'
import { createSpaceOperations } from './operations/spaces.ts'
import { createSplitOperations, planSplit, type SplitWish } from './operations/splits.ts'
import { findSamePictures } from './sameness.ts'
import { createScoreSource } from './similar.ts'
import { createSpaceStore } from './spaces/store.ts'
import { createSpaces } from './spaces/view.ts'

export interface VectorRoom {
  operations: Operation[]
  /** Answers `similar(…)` and `text(…)` of queries. */
  scores: ReturnType<typeof createScoreSource>
  /** What data tests ask. */
  looks: Looks
  /** Points of a map in bulk. Throws SPACE_NOT_FOUND, MAP_NOT_FOUND, INPUT_INVALID. */
  points(dataset: DatasetRef, space: string | undefined, method: string | undefined): Promise<MapPoints>
  /** Class probabilities of samples by models made of the embeddings. */
  classify: Classifier
  /** Which share each sample goes to so that groups of the same scene stay whole; nothing is written. Throws FIELD_NOT_FOUND. */
  planSplit(dataset: DatasetRef, wish: SplitWish, context: CallContext): Promise<Int32Array>
  /** Pairs of samples, by id, that show the same scene, as splits keep them together. Makes the space `pixels` where it is missing. */
  pairScenes(dataset: DatasetRef, context: CallContext): Promise<{ a: number; b: number }[]>
  close(): Promise<void>
}

/** The room, wired: operations over the spaces that lie in `folder`. */
export function createVectorRoom(options: {
  catalog: VectorPort
  shelf: ModelShelf
  embedders: Embedders
  folder: string
  fileOf: (row: MediaRow) => Promise<string>
}): VectorRoom {
  const { catalog, shelf, embedders, folder, fileOf } = options
  const store = createSpaceStore({ folder })
  const engine = createVectorEngine()
  const deps: VectorDeps = {
    catalog,
    store,
    spaces: createSpaces({ store, catalog }),
    engine,
    shelf,
    embedders,
    fileOf,
  }
  return {
    operations: [
      ...createSpaceOperations(deps),
      ...createMapOperations(deps),
      ...createCurationOperations(deps),
      createAutotagOperation(deps),
      createDetectOperation(deps),
      createExplainOperation(deps),
      ...createSplitOperations(deps),
    ],
    scores: createScoreSource(deps),
    looks: createLooks(deps),
    points: (dataset, space, method) => readPoints(deps, dataset, space, method),
    classify: createClassifier(deps),
    planSplit: async (...wish) => (await planSplit(deps, ...wish)).split,
    async pairScenes(dataset, context) {
      const request = { by: 'auto', threshold: undefined, space: undefined } as const
      const { ids, pairs } = await findSamePictures(deps, dataset, request, undefined, context)
      return pairs.map(({ a, b }) => ({ a: ids[a]!, b: ids[b]! }))
    },
    close: () => engine.close(),
  }
}

export type { Classifier, MapPoints }
