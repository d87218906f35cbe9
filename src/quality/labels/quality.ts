import type { Probabilities } from './probabilities.ts'

export type QualityMeasure = 'self-confidence' | 'margin' | 'weighted-entropy'

/**
 * How likely each given class is right, 0 to 1, lower worse (cleanlab `get_label_quality_scores`). `self-confidence`: p(given).
 * `margin`: (p(given) − highest other + 1) / 2. `weighted-entropy`: x = normalised entropy / p(given), then ln(x + 1) / x.
 */
export function scoreGiven(
  { rows, columns, data }: Probabilities,
  given: Int32Array,
  measure: QualityMeasure,
): Float64Array {
  const scores = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const own = data[row * columns + given[row]!]!
    if (measure === 'self-confidence') scores[row] = own
    else if (measure === 'margin')
      scores[row] = (own - data[row * columns + bestOther(data, columns, row, given[row]!)]! + 1) / 2
    else {
      const ratio = entropy(data, columns, row) / Math.log(columns) / Math.max(1e-6, own)
      scores[row] = Math.log(ratio + 1) / Math.max(1e-6, ratio)
    }
  }
  return scores
}

/** The most probable class of every row other than the given one. */
export function suggestOthers({ rows, columns, data }: Probabilities, given: Int32Array): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => bestOther(data, columns, row, given[row]!))
}

function bestOther(data: Probabilities['data'], columns: number, row: number, given: number): number {
  let best = given === 0 ? 1 : 0
  for (let j = best + 1; j < columns; j++)
    if (j !== given && data[row * columns + j]! > data[row * columns + best]!) best = j
  return best
}

function entropy(data: Probabilities['data'], columns: number, row: number): number {
  let sum = 0
  for (let at = row * columns; at < (row + 1) * columns; at++) if (data[at]! > 0) sum -= data[at]! * Math.log(data[at]!)
  return sum
}
