import { FoveaError } from '#base'

/** Class probabilities, row-major: that of class c of row r is `data[r * columns + c]`. */
export interface Probabilities {
  rows: number
  columns: number
  data: Float64Array | Float32Array
}

/** How far a row may sum from 1. */
const sumTolerance = 0.01

/**
 * Refuses what is no set of probabilities [rows × columns ≥ 2] with a given class for every row. Throws PROBABILITIES_INVALID that
 * names the first row that is wrong: a number below 0 or above 1, a sum farther than 0.01 from 1, a class that has no column.
 * `nameOf` says how a row is called in the message.
 */
export function checkProbabilities(
  { rows, columns, data }: Probabilities,
  given: ArrayLike<number>,
  nameOf: (row: number) => string = (row) => `row ${row}`,
): void {
  if (columns < 2)
    throw invalid(
      `Expected probabilities of at least 2 classes, got ${columns}.`,
      'A label can only be wrong where there is another.',
    )
  if (data.length !== rows * columns || given.length !== rows)
    throw invalid(
      `Expected ${rows} × ${columns} probabilities and ${rows} given classes, got ${data.length} and ${given.length}.`,
      'Give one row of probabilities and one class for every sample.',
    )
  for (let row = 0; row < rows; row++) {
    const given1 = given[row]!
    if (!Number.isInteger(given1) || given1 < 0 || given1 >= columns)
      throw invalid(
        `Expected a given class from 0 to ${columns - 1} at ${nameOf(row)}, got ${given1}.`,
        'Classes of labels and columns of probabilities have to be the same, in the same order.',
        row,
      )
    let sum = 0
    let outside = false
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      const p = data[at]!
      if (!(p >= 0 && p <= 1 + 1e-6)) outside = true
      sum += p
    }
    if (outside || !(Math.abs(sum - 1) <= sumTolerance)) throw notDistribution(data, row, columns, sum, nameOf(row))
  }
}

function notDistribution(
  data: Float64Array | Float32Array,
  row: number,
  columns: number,
  sum: number,
  name: string,
): FoveaError {
  const shown = Array.from(data.subarray(row * columns, row * columns + Math.min(columns, 5)), (p) =>
    Number(p.toPrecision(3)),
  )
  const more = columns > shown.length ? ', …' : ''
  return invalid(
    `Expected probabilities from 0 to 1 that sum to 1, got ${shown.join(', ')}${more} (sum ${Number(sum.toPrecision(4))}) at ${name}.`,
    'Turn logits into probabilities by softmax, and scale each row to sum to 1.',
    row,
  )
}

function invalid(message: string, hint: string, row?: number): FoveaError {
  return new FoveaError('PROBABILITIES_INVALID', message, { hint, ...(row === undefined ? {} : { details: { row } }) })
}
