import { setImmediate } from 'node:timers/promises'
import { throwIfAborted, type Rng } from '#base'
import { multiplyTransposed } from '../linear/matmul.ts'
import type { LongWork, Matrix } from '../types.ts'

/** Seeds are drawn from at most this many rows, or so many a cluster, whichever is more. */
const seedRows = 10_000
const seedRowsPerCluster = 40

/**
 * `k` rows to start k-means from, [k × columns], by k-means++ (Arthur & Vassilvitskii 2007): each drawn with a chance
 * that grows with its squared distance to the nearest one before it. Those of a large set come from a sample of
 * max(10 000, 40·k) rows. `squares` holds the squared lengths of the rows; 1 ≤ k ≤ rows. Throws CANCELLED on abort.
 */
export async function seedCentres(
  vectors: Matrix,
  squares: Float32Array,
  k: number,
  rng: Rng,
  { signal, progress }: LongWork,
): Promise<Matrix> {
  const { rows, columns, data } = vectors
  const count = Math.min(rows, Math.max(seedRows, seedRowsPerCluster * k))
  const drawn = drawNumbers(rows, count, rng)
  const sample: Matrix = { rows: count, columns, data: count === rows ? data : new Float32Array(count * columns) }
  if (count < rows)
    for (let i = 0; i < count; i++)
      sample.data.set(data.subarray(drawn[i]! * columns, (drawn[i]! + 1) * columns), i * columns)
  const centres = new Float32Array(k * columns)
  const gaps = new Float64Array(count).fill(1)
  let total = count
  for (let c = 0; c < k; c++) {
    throwIfAborted(signal)
    // Nothing is left to draw when all rows equal a centre.
    const chosen = total > 0 ? drawWeighted(gaps, rng.next() * total) : rng.integer(0, count - 1)
    if (c === 0) gaps.fill(Infinity)
    const centre = sample.data.subarray(chosen * columns, (chosen + 1) * columns)
    centres.set(centre, c * columns)
    const dots = (await multiplyTransposed(sample, { rows: 1, columns, data: centre })).data
    const square = squares[drawn[chosen]!]!
    total = 0
    for (let i = 0; i < count; i++) {
      const gap = i === chosen ? 0 : Math.max(0, squares[drawn[i]!]! + square - 2 * dots[i]!)
      if (gap < gaps[i]!) gaps[i] = gap
      total += gaps[i]!
    }
    progress?.report({ stage: 'seeding clusters', done: c + 1, total: k, unit: 'clusters' })
    await setImmediate()
  }
  return { rows: k, columns, data: centres }
}

/** `count` different numbers below `limit`; all in their order when `count` is `limit`. */
function drawNumbers(limit: number, count: number, rng: Rng): Int32Array {
  const numbers = Int32Array.from({ length: limit }, (_, i) => i)
  if (count === limit) return numbers
  for (let i = 0; i < count; i++) {
    const j = rng.integer(i, limit - 1)
    const kept = numbers[j]!
    numbers[j] = numbers[i]!
    numbers[i] = kept
  }
  return numbers.subarray(0, count)
}

/**
 * The first index at which the running sum of `weights` exceeds `target`; the last one of positive weight if rounding
 * leaves none.
 */
function drawWeighted(weights: Float64Array, target: number): number {
  let sum = 0
  let last = 0
  for (let i = 0; i < weights.length; i++) {
    if (weights[i]! <= 0) continue
    sum += weights[i]!
    last = i
    if (sum > target) return i
  }
  return last
}
