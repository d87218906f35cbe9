import { FoveaError } from '#base'
import type { DatasetRef, VectorPort } from '#catalog'
import type { Matrix } from './types.ts'

/**
 * Class probabilities of samples from the scored labels of a layer, [ids × classes of the layer]: the best score of each class.
 * Where they sum to less than 1, the rest is spread evenly over the classes that were not named; to more, they are scaled.
 * `has` is 0 for samples without any. Throws LAYER_NOT_FOUND, and INPUT_INVALID when no label of the layer has a score.
 */
export async function probabilitiesOf(
  catalog: VectorPort,
  dataset: DatasetRef,
  layer: string,
  ids: readonly number[],
): Promise<{ matrix: Matrix; has: Uint8Array; classes: string[] }> {
  const { samples, names, scores } = await catalog.membersOf(dataset, { classesOf: layer })
  if (scores.every((score) => score === null))
    throw new FoveaError(
      'INPUT_INVALID',
      `No label of layer ${layer} has a score, so nothing can be said of its certainty.`,
      {
        hint: 'Name a layer of predictions with --predictions.',
      },
    )
  const classes = [...new Set(names)].toSorted()
  // One class alone has no alternative; a second one stands for "something else".
  const columns = Math.max(2, classes.length)
  const columnOf = new Map(classes.map((name, i) => [name, i]))
  const rowOf = new Map(ids.map((id, row) => [id, row]))
  const matrix = { rows: ids.length, columns, data: new Float32Array(ids.length * columns) }
  const has = new Uint8Array(ids.length)
  samples.forEach((id, i) => {
    const row = rowOf.get(id)
    const score = scores[i]
    if (row === undefined || score === null || score === undefined) return
    has[row] = 1
    matrix.data[row * columns + columnOf.get(names[i]!)!] = Math.min(1, Math.max(0, score))
  })
  for (let row = 0; row < ids.length; row++) complete(matrix.data.subarray(row * columns, (row + 1) * columns))
  return { matrix, has, classes }
}

/** Makes a row sum to 1. */
function complete(row: Float32Array): void {
  let sum = 0
  let unnamed = 0
  for (const one of row) {
    sum += one
    if (one === 0) unnamed++
  }
  if (sum < 1 && unnamed > 0) for (let i = 0; i < row.length; i++) row[i] = row[i] === 0 ? (1 - sum) / unnamed : row[i]!
  else if (sum > 0) for (let i = 0; i < row.length; i++) row[i]! /= sum
}
