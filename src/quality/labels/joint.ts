import type { Probabilities } from './probabilities.ts'

/** Room for rounding, as cleanlab has it. */
export const closeEnough = 1e-6

/**
 * Least probability from which an example counts as confidently of a class: the mean probability of the class over the examples
 * labelled with it, at least 2e-6; 2, which nothing reaches, for a class that no example has (Northcutt et al. 2021, eq. 2).
 */
export function findThresholds({ columns, data }: Probabilities, given: Int32Array): Float64Array {
  const sums = new Float64Array(columns)
  const counts = countClasses(given, columns)
  given.forEach((k, row) => (sums[k]! += data[row * columns + k]!))
  return sums.map((sum, k) => (counts[k] === 0 ? 2 : Math.max(2 * closeEnough, sum / counts[k]!)))
}

/** How many examples have each class. */
export function countClasses(given: Int32Array, columns: number): Int32Array {
  const counts = new Int32Array(columns)
  for (const k of given) counts[k]!++
  return counts
}

export interface ConfidentJoint {
  /** Examples labelled k that are confidently of class j, [K × K] by k: `counts[k * K + j]`. The diagonal is at least 1. */
  counts: Float64Array
  /** Class that each example is confidently of, −1 where it is of none. */
  guess: Int32Array
}

/**
 * Counts examples by given class and the class they are confidently of: the only class whose probability reaches its threshold,
 * the most probable of all where several do (cleanlab `compute_confident_joint`, uncalibrated).
 */
export function countConfident(
  probabilities: Probabilities,
  given: Int32Array,
  thresholds: Float64Array,
): ConfidentJoint {
  const { rows, columns, data } = probabilities
  const counts = new Float64Array(columns * columns)
  const guess = new Int32Array(rows).fill(-1)
  for (let row = 0; row < rows; row++) {
    let confident = 0
    let first = -1
    let best = 0
    for (let j = 0, at = row * columns; j < columns; j++, at++) {
      const p = data[at]!
      if (p > data[row * columns + best]!) best = j
      if (p < thresholds[j]! - closeEnough) continue
      if (confident++ === 0) first = j
    }
    if (confident === 0) continue
    const j = confident > 1 ? best : first
    guess[row] = j
    counts[given[row]! * columns + j]!++
  }
  for (let k = 0; k < columns; k++) counts[k * columns + k] = Math.max(1, counts[k * columns + k]!)
  return { counts, guess }
}

/** Scales the rows of a joint to the given counts, all of it to their sum, and rounds so that rows keep their totals. */
export function calibrateJoint(counts: Float64Array, classCounts: Int32Array): Int32Array {
  const columns = classCounts.length
  const scaled = new Float64Array(counts.length)
  let total = 0
  for (let k = 0; k < columns; k++) {
    let sum = 0
    for (let j = 0; j < columns; j++) sum += counts[k * columns + j]!
    for (let j = 0; j < columns; j++) {
      const at = k * columns + j
      scaled[at] = (counts[at]! / Math.max(1e-100, sum)) * classCounts[k]!
      total += scaled[at]
    }
  }
  const wanted = classCounts.reduce((sum, count) => sum + count, 0)
  const rounded = new Int32Array(counts.length)
  for (let k = 0; k < columns; k++) {
    const row = scaled.subarray(k * columns, (k + 1) * columns).map((one) => (one / Math.max(1e-100, total)) * wanted)
    rounded.set(roundKeepingSum(row), k * columns)
  }
  return rounded
}

/** Rounds so that the sum stays: those that rounding moved farthest are moved back. Halves go to even, as in numpy. */
export function roundKeepingSum(values: Float64Array): Int32Array {
  const rounded = Int32Array.from(values, roundHalfEven)
  const wanted = roundHalfEven(values.reduce((sum, one) => sum + one, 0))
  const left = wanted - rounded.reduce((sum, one) => sum + one, 0)
  if (left === 0) return rounded
  const order = [...values.keys()].sort((a, b) => values[a]! - rounded[a]! - (values[b]! - rounded[b]!) || a - b)
  if (left > 0) order.reverse()
  for (let i = 0; i < Math.abs(left); i++) rounded[order[i]!]! += Math.sign(left)
  return rounded
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const over = value - floor
  return over > 0.5 || (over === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
}
