import { setImmediate } from 'node:timers/promises'
import { FoveaError, throwIfAborted, type Rng } from '#base'
import { copyRows } from '../clusters/rows.ts'
import { multiplyTransposed, sliceRows } from '../linear/matmul.ts'
import type { LongWork, Matrix } from '../types.ts'
import { markRows, requireBudget } from './rows.ts'

export interface DiverseOptions {
  rng: Rng
  /** Rows chosen or labelled before: they cover their surroundings, and are not chosen again. */
  start?: Int32Array
}

export interface TopOptions {
  /** Unit vectors, one per score; needed for `minDistance`. */
  vectors?: Matrix
  /** Cosine distance, 0 to 2, that a row keeps from all chosen before; none when absent. */
  minDistance?: number
  /** Rows chosen or labelled before: not chosen again, and kept away from. */
  start?: Int32Array
}

const blockRows = 2048
const blockProducts = 1 << 24

/**
 * At most `budget` rows that lie as far apart as they can, in the order of choice: greedy k-centre (Sener & Savarese
 * 2018, "Active learning for convolutional neural networks: a core-set approach"), each the row farthest by cosine
 * from all chosen before. The farthest that any row then lies from a chosen one is at most twice the least possible
 * (Gonzalez 1985, for the Euclidean distance of unit vectors). Without `start` the first is drawn at random. Every
 * row that is not in `start` is chosen when the budget reaches their number. Throws INPUT_INVALID for a budget or a
 * start row out of range, CANCELLED on abort.
 */
export async function selectDiverse(
  vectors: Matrix,
  budget: number,
  { rng, start = new Int32Array(0) }: DiverseOptions,
  work: LongWork = {},
): Promise<Int32Array> {
  const { rows } = vectors
  requireBudget(budget)
  const taken = markRows(start, rows)
  const chosen = new Int32Array(Math.min(budget, countFree(taken)))
  if (chosen.length === 0) return chosen
  const gaps = new Float32Array(rows).fill(Infinity)
  const width = Math.max(4, Math.min(64, Math.floor(blockProducts / rows)))
  for (let from = 0; from < start.length; from += width) {
    const some = start.subarray(from, from + width)
    const dots = await multiplyRows(vectors, some, work)
    some.forEach((_, i) => narrowGaps(gaps, dots, i))
  }
  let count = 0
  let next = start.length === 0 ? rng.integer(0, rows - 1) : findFarthest(gaps, taken)
  while (count < chosen.length) {
    work.progress?.report({ stage: 'selecting', done: count, total: chosen.length, unit: 'samples' })
    // The next choices are mostly among the rows that are farthest now, so that one product serves several.
    const candidates = listFarthest(gaps, taken, next, Math.min(width, chosen.length - count))
    const places = new Map(Array.from(candidates, (row, i) => [row, i]))
    const dots = await multiplyRows(vectors, candidates, work)
    for (let place = places.get(next); place !== undefined && count < chosen.length; place = places.get(next)) {
      chosen[count++] = next
      taken[next] = 1
      narrowGaps(gaps, dots, place)
      next = findFarthest(gaps, taken)
    }
  }
  return chosen
}

/**
 * At most `budget` rows of highest score, highest first, equal ones in their order: uncertain, hard or otherwise
 * telling samples. With `minDistance` a row is passed over that lies nearer than that to one chosen before, so that
 * fewer may come. Rows of score NaN have none and are never chosen. Throws INPUT_INVALID for a budget, a start row or
 * a distance out of range, INTERNAL for a distance without a vector per score, CANCELLED on abort.
 */
export async function selectTop(
  scores: Float32Array,
  budget: number,
  { vectors, minDistance = 0, start = new Int32Array(0) }: TopOptions = {},
  work: LongWork = {},
): Promise<Int32Array> {
  requireBudget(budget)
  if (!(minDistance >= 0 && minDistance <= 2))
    throw new FoveaError('INPUT_INVALID', `Expected a cosine distance from 0 to 2, got ${minDistance}.`)
  if (minDistance > 0 && vectors?.rows !== scores.length)
    throw new FoveaError(
      'INTERNAL',
      `Expected ${scores.length} vectors, one per score, got ${vectors?.rows ?? 'none'}.`,
    )
  const taken = markRows(start, scores.length)
  const order = Int32Array.from(scores.keys())
    .filter((row) => taken[row] === 0 && !Number.isNaN(scores[row]!))
    .sort((a, b) => (scores[a] === scores[b] ? a - b : scores[b]! > scores[a]! ? 1 : -1))
  if (vectors === undefined || minDistance === 0) return order.slice(0, budget)
  const chosen: number[] = []
  const mostAlike = 1 - minDistance
  for (let from = 0; from < order.length && chosen.length < budget;) {
    // Few are needed at the end, and each block costs its square.
    const size = Math.max(64, Math.min(1024, 2 * (budget - chosen.length)))
    const block = order.subarray(from, from + size)
    const some = copyRows(vectors, block)
    const barred = new Uint8Array(block.length)
    const before = [...start, ...chosen]
    for (let at = 0; at < before.length; at += blockRows) {
      throwIfAborted(work.signal)
      const others = copyRows(vectors, Int32Array.from(before.slice(at, at + blockRows)))
      const dots = (await multiplyTransposed(some, others)).data
      for (let i = 0, p = 0; i < block.length; i++)
        for (let j = 0; j < others.rows; j++, p++) if (dots[p]! > mostAlike) barred[i] = 1
      await setImmediate()
    }
    throwIfAborted(work.signal)
    const among = (await multiplyTransposed(some, some)).data
    for (let i = 0; i < block.length && chosen.length < budget; i++) {
      if (barred[i] !== 0) continue
      chosen.push(block[i]!)
      for (let j = i + 1; j < block.length; j++) if (among[i * block.length + j]! > mostAlike) barred[j] = 1
    }
    from += size
    work.progress?.report({ stage: 'selecting', done: chosen.length, total: budget, unit: 'samples' })
    await setImmediate()
  }
  return Int32Array.from(chosen)
}

/** Products of every row with the rows `some`, by the latter: [some × rows]. */
async function multiplyRows(vectors: Matrix, some: Int32Array, { signal }: LongWork): Promise<Float32Array> {
  const { rows } = vectors
  const narrow = copyRows(vectors, some)
  const dots = new Float32Array(some.length * rows)
  for (let from = 0; from < rows; from += blockRows) {
    throwIfAborted(signal)
    const to = Math.min(rows, from + blockRows)
    const block = (await multiplyTransposed(narrow, sliceRows(vectors, from, to))).data
    for (let i = 0; i < some.length; i++)
      dots.set(block.subarray(i * (to - from), (i + 1) * (to - from)), i * rows + from)
    await setImmediate()
  }
  return dots
}

function narrowGaps(gaps: Float32Array, dots: Float32Array, at: number): void {
  for (let r = 0, p = at * gaps.length; r < gaps.length; r++, p++) if (1 - dots[p]! < gaps[r]!) gaps[r] = 1 - dots[p]!
}

/** The free row with the widest gap, the first of equals; −1 when none is free. */
function findFarthest(gaps: Float32Array, taken: Uint8Array): number {
  let farthest = -1
  let widest = -Infinity
  for (let r = 0; r < gaps.length; r++) {
    if (gaps[r]! <= widest || taken[r] !== 0) continue
    widest = gaps[r]!
    farthest = r
  }
  return farthest
}

/** `first` and other free rows with the widest gaps, `count` or fewer in all. */
function listFarthest(gaps: Float32Array, taken: Uint8Array, first: number, count: number): Int32Array {
  const sorted = gaps.filter((_, r) => taken[r] === 0).sort()
  const least = sorted[Math.max(0, sorted.length - count)]!
  const rows = [first]
  for (let r = 0; r < gaps.length && rows.length < count; r++)
    if (gaps[r]! >= least && taken[r] === 0 && r !== first) rows.push(r)
  return Int32Array.from(rows)
}

function countFree(taken: Uint8Array): number {
  return taken.reduce((free, mark) => free - mark, taken.length)
}
