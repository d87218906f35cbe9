import { FoveaError } from '#base'
import type { DatasetRef } from '#catalog'
import type { VectorDeps } from '../deps.ts'
import type { LongWork, Matrix } from '../types.ts'

export interface ClassifyRequest {
  /** Space of samples; the main one when left out. */
  space: string | undefined
  /** Samples with a known class. */
  ids: readonly number[]
  /** Of each: 0 to classes − 1. */
  classOf: Int32Array
  /** Of each: samples of one group (a number ≥ 0) are never divided between a model and what it judges; −1 for none. */
  groupOf: Int32Array
  classes: number
  folds: number
  seed: number
}

/** Answers probabilities of the requested samples that have a vector, which are those at the places `kept` of `ids`. */
export type Classifier = (
  dataset: DatasetRef,
  request: ClassifyRequest,
  work: LongWork,
) => Promise<{ space: string; kept: Int32Array; probabilities: Matrix }>

/** Out-of-fold class probabilities from embeddings. Throws SPACE_NOT_FOUND, SPACE_STALE, and INPUT_INVALID for a space of labels. */
export function createClassifier({ spaces, engine }: VectorDeps): Classifier {
  return async (dataset, { space, ids, classOf, groupOf, classes, folds, seed }, work) => {
    const view = await spaces.open(dataset, space)
    if (view.record.of !== 'samples')
      throw new FoveaError('INPUT_INVALID', `Space ${view.record.name} is one of labels; this works on samples.`, {
        hint: 'Name a space of samples with --space.',
      })
    const found = ids
      .flatMap((id, at) => {
        const row = view.rowOf(id)
        return row === undefined ? [] : [{ at, row }]
      })
      .toSorted((a, b) => a.row - b.row)
    const pick = (values: Int32Array): Int32Array => Int32Array.from(found, ({ at }) => values[at]!)
    const probabilities = await engine.run(
      'crossValidate',
      {
        source: view.source,
        rows: Int32Array.from(found, ({ row }) => row),
        classOf: pick(classOf),
        groupOf: pick(groupOf),
        options: { classes, folds, seed },
      },
      work,
    )
    return { space: view.record.name, kept: Int32Array.from(found, ({ at }) => at), probabilities }
  }
}
