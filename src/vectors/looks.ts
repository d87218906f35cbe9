import type { DatasetRef } from '#catalog'
import { FoveaError } from '#base'
import { builtInModels } from '#models'
import type { VectorDeps } from './deps.ts'
import { defaultThresholds } from './sameness.ts'
import type { SpaceView } from './spaces/view.ts'

export interface FoundSpace {
  name: string
  /** Whether every sample has a vector of its picture as it is now. */
  isCurrent: boolean
  /** Cosine from which two pictures count as the same scene. */
  sameFrom: number
}

/** How samples look, for those that only ask: nothing is embedded and nothing written. */
export interface Looks {
  /** The space that `space` names, or the main one; undefined where the dataset has none. Throws SPACE_NOT_FOUND for a name. */
  findSpace(dataset: DatasetRef, space: string | undefined): Promise<FoundSpace | undefined>
  /** Pairs of rows of at least that cosine; rows stand for `ids`. Throws SPACE_NOT_FOUND, SPACE_STALE, INPUT_INVALID. */
  findPairs(
    dataset: DatasetRef,
    request: { space: string; threshold: number },
    signal: AbortSignal,
  ): Promise<{ ids: Float64Array; pairs: { a: number; b: number; score: number }[] }>
  /** Mean cosine distance of every sample to its 10 nearest others. Throws as `findPairs` does. */
  scoreOutliers(
    dataset: DatasetRef,
    space: string,
    signal: AbortSignal,
  ): Promise<{ ids: Float64Array; score: Float32Array }>
}

export function createLooks({ spaces, engine }: VectorDeps): Looks {
  const open = async (dataset: DatasetRef, space: string): Promise<SpaceView> => {
    const view = await spaces.open(dataset, space)
    if (view.record.of === 'samples') return view
    throw new FoveaError('INPUT_INVALID', `Space ${view.record.name} is one of labels; this works on samples.`, {
      hint: 'Name a space of samples.',
    })
  }
  return {
    async findSpace(dataset, space) {
      const record = await spaces.find(dataset, space).catch((caught: unknown) => {
        // A space that was asked for by name must be there; the main one may be missing.
        if (space === undefined && caught instanceof FoveaError && caught.code === 'SPACE_NOT_FOUND') return undefined
        throw caught
      })
      if (record === undefined) return undefined
      const { missing, stale } = await spaces.standing(dataset, record)
      return {
        name: record.name,
        isCurrent: missing.length + stale.length === 0,
        sameFrom: record.model === builtInModels.pixels ? defaultThresholds.pixels : defaultThresholds.embedding,
      }
    },
    async findPairs(dataset, { space, threshold }, signal) {
      const view = await open(dataset, space)
      const { a, b, scores } = await engine.run('pairs', { source: view.source, threshold }, { signal })
      const pairs = Array.from(a, (row, i) => ({ a: row, b: b[i]!, score: Math.min(1, scores[i]!) }))
      return { ids: view.ids, pairs }
    },
    async scoreOutliers(dataset, space, signal) {
      const view = await open(dataset, space)
      const { score } = await engine.run('outliers', { source: view.source }, { signal })
      return { ids: view.ids, score }
    },
  }
}
