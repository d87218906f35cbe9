export type Activation = 'softmax' | 'sigmoid' | 'none'

/** Turns the rows of a matrix into what the activation makes of them, in place. */
export function activate(data: Float32Array, columns: number, activation: Activation): void {
  if (activation === 'none') return
  if (activation === 'sigmoid') {
    for (let at = 0; at < data.length; at++) data[at] = 1 / (1 + Math.exp(-data[at]!))
    return
  }
  for (let from = 0; from < data.length; from += columns) {
    let highest = -Infinity
    for (let at = from; at < from + columns; at++) highest = Math.max(highest, data[at]!)
    let sum = 0
    for (let at = from; at < from + columns; at++) sum += data[at] = Math.exp(data[at]! - highest)
    for (let at = from; at < from + columns; at++) data[at]! /= sum
  }
}

/** Mean loss of rows: cross-entropy, that of each class summed, or squared error. `said` is activated. */
export function measureLoss(said: Float32Array, wanted: Float32Array, rows: number, activation: Activation): number {
  let sum = 0
  for (let at = 0; at < said.length; at++) {
    const [p, y] = [said[at]!, wanted[at]!]
    if (activation === 'none') sum += (p - y) ** 2 / 2
    else {
      if (y > 0) sum -= y * Math.log(Math.max(1e-12, p))
      if (activation === 'sigmoid' && y < 1) sum -= (1 - y) * Math.log(Math.max(1e-12, 1 - p))
    }
  }
  return sum / Math.max(1, rows)
}

/** Shares of right classes, and the mean over classes of 2·hits ÷ (true + said). `wanted` is one-hot. */
export function measureClasses(
  said: Float32Array,
  wanted: Float32Array,
  classes: number,
): { accuracy: number; macroF1: number } {
  const rows = said.length / classes
  const [hits, truths, guesses] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)]
  for (let row = 0; row < rows; row++) {
    const [guess, truth] = [highestAt(said, row, classes), highestAt(wanted, row, classes)]
    truths[truth]!++
    guesses[guess]!++
    if (guess === truth) hits[truth]!++
  }
  return {
    accuracy: hits.reduce((sum, count) => sum + count, 0) / rows,
    macroF1: meanF1(hits, truths, guesses),
  }
}

/** Of several classes a row at probability ½: F1 over all decisions, and its mean over classes that are true or said of any row. */
export function measureLabels(
  said: Float32Array,
  wanted: Float32Array,
  classes: number,
  threshold: number,
): { microF1: number; macroF1: number; exact: number } {
  const rows = said.length / classes
  const [hits, truths, guesses] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)]
  let exact = 0
  for (let row = 0; row < rows; row++) {
    let isExact = true
    for (let c = 0; c < classes; c++) {
      const [guess, truth] = [said[row * classes + c]! >= threshold, wanted[row * classes + c]! >= 0.5]
      if (truth) truths[c]!++
      if (guess) guesses[c]!++
      if (guess && truth) hits[c]!++
      if (guess !== truth) isExact = false
    }
    if (isExact) exact++
  }
  const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0)
  return {
    microF1: (2 * total(hits)) / Math.max(1, total(truths) + total(guesses)),
    macroF1: meanF1(hits, truths, guesses),
    exact: exact / rows,
  }
}

/** Errors in the unit of the value; r2 is 1 − squared error ÷ variance. */
export function measureValues(said: Float32Array, wanted: Float32Array): { mae: number; rmse: number; r2: number } {
  const rows = wanted.length
  const mean = wanted.reduce((sum, value) => sum + value, 0) / rows
  let [distance, squares, spread] = [0, 0, 0]
  for (let row = 0; row < rows; row++) {
    const miss = said[row]! - wanted[row]!
    distance += Math.abs(miss)
    squares += miss * miss
    spread += (wanted[row]! - mean) ** 2
  }
  return { mae: distance / rows, rmse: Math.sqrt(squares / rows), r2: spread > 0 ? 1 - squares / spread : 0 }
}

function highestAt(data: Float32Array, row: number, columns: number): number {
  let best = 0
  for (let c = 1; c < columns; c++) if (data[row * columns + c]! > data[row * columns + best]!) best = c
  return best
}

function meanF1(hits: Float64Array, truths: Float64Array, guesses: Float64Array): number {
  let [sum, count] = [0, 0]
  for (let c = 0; c < hits.length; c++) {
    const total = truths[c]! + guesses[c]!
    if (total === 0) continue
    sum += (2 * hits[c]!) / total
    count++
  }
  return count === 0 ? 0 : sum / count
}
