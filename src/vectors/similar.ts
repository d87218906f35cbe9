import { FoveaError, parseSampleId } from '#base'
import type { DatasetRef, ScoreSource } from '#catalog'
import type { VectorDeps } from './deps.ts'
import type { Matrix } from './types.ts'
import type { SpaceView } from './spaces/view.ts'
import { scoreText } from './text.ts'

/** The vector of a sample, or of a label (`l_12`) in a space of labels. Throws SAMPLE_NOT_FOUND. */
export async function vectorOf({ engine }: VectorDeps, view: SpaceView, id: string): Promise<Matrix> {
  const ofLabels = view.record.of === 'labels'
  const number = ofLabels ? Number(/^l_(\d+)$/.exec(id)?.[1] ?? Number.NaN) : parseSampleId(id)
  const row = view.rowOf(number)
  if (row === undefined) {
    const what = ofLabels ? 'label' : 'sample'
    throw new FoveaError('SAMPLE_NOT_FOUND', `There is no vector of ${what} ${id} in space ${view.record.name}.`, {
      hint: ofLabels
        ? 'Labels are named l_12; fovea show SAMPLE lists those of a sample.'
        : 'It may belong to another dataset, or its file could not be read: see fovea problems.',
    })
  }
  return engine.ask('rows', { source: view.source, rows: Int32Array.of(row) })
}

/**
 * Answers `similar(…)` by the cosine in the main space, and `text(…)` by an image-text model or by concepts.
 * Both are exact. Their tables are made anew when the space changes.
 */
export function createScoreSource(deps: VectorDeps): ScoreSource {
  return async (dataset: DatasetRef, { name, argument }) => {
    if (name === 'text') return scoreText(deps, dataset, argument)
    const view = await deps.spaces.open(dataset, undefined)
    return {
      key: `${view.key} similar ${argument}`,
      async load() {
        const queries = await vectorOf(deps, view, argument)
        const scores = await deps.engine.ask('scores', { source: view.source, queries })
        // Similar on its own always comes with a comparison, so no hits are asked for.
        return { ids: view.ids, scores, hits: new Uint8Array(scores.length) }
      },
    }
  }
}
