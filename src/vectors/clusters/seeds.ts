import { setImmediate } from 'node:timers/promises'
import { throwIfAborted, type Rng } from '#base'
import { multiplyTransposed } from '../linear/matmul.ts'
import type { LongWork, Matrix } from '../types.ts'
import { copyRows } from './rows.ts'

/** Seeds are drawn from at most this many rows, or so many a cluster, whichever is more. */
const seedRows = 10_000
const seedRowsPerCluster = 40

/**
 * `k` rows to start k-means from, [k × columns], by greedy k-means++ (Arthur & Vassilvitskii 2007, section 5): each
 * is the best of 2 + ⌊ln k⌋ rows drawn with a chance that grows with the squared distance to the nearest one before
 * it. Those of a large set come from a sample of max(10 000, 40·k) rows. `squares` holds the squared lengths of the
 * rows; 1 ≤ k ≤ rows. Throws CANCELLED on abort.
 */
export async function seedCentres(
  vectors: Matrix,
  squares: Float32Array,
  k: number,
  rng: Rng,
  { signal, progress }: LongWork,
): Promise<Matrix> {
  const { rows } = vectors
  const numbers = drawNumbers(rows, Math.min(rows, Math.max(seedRows, seedRowsPerCluster * k)), rng)
  const sample = copyRows(vectors, numbers)
  const count = sample.rows
  const lengths = Float32Array.from(numbers, (row) => squares[row]!)
  const trials = 2 + Math.floor(Math.log(k))
  const chosen = new Int32Array(k)
  let gaps: Float64Array = new Float64Array(count).fill(Infinity)
  let total = Infinity
  for (let c = 0; c < k; c++) {
    throwIfAborted(signal)
    // The first has nothing to keep away from; and nothing is left to draw when every row equals a seed.
    const candidates =
      total > 0 && total < Infinity
        ? Int32Array.from({ length: trials }, () => drawWeighted(gaps, rng.next() * total))
        : Int32Array.of(rng.integer(0, count - 1))
    const dots = (await multiplyTransposed(sample, copyRows(sample, candidates))).data
    let bestGaps = gaps
    let bestTotal = Infinity
    candidates.forEach((candidate, t) => {
      const next = new Float64Array(count)
      let sum = 0
      for (let i = 0; i < count; i++) {
        const gap = i === candidate ? 0 : lengths[i]! + lengths[candidate]! - 2 * dots[i * candidates.length + t]!
        next[i] = Math.min(gaps[i]!, Math.max(0, gap))
        sum += next[i]!
      }
      if (sum >= bestTotal) return
      bestTotal = sum
      bestGaps = next
      chosen[c] = candidate
    })
    gaps = bestGaps
    total = bestTotal
    progress?.report({ stage: 'seeding clusters', done: c + 1, total: k, unit: 'clusters' })
    await setImmediate()
  }
  return copyRows(sample, chosen)
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
