import { setImmediate } from 'node:timers/promises'
import { FoveaError, throwIfAborted, type Rng } from '#base'
import { multiplyTransposed } from '../linear/matmul.ts'
import type { LongWork, Matrix } from '../types.ts'
import { seedCentres } from './seeds.ts'

export interface KMeansOptions {
  /** Number of clusters, 1 to the number of rows. */
  k: number
  rng: Rng
  /** At most so many rounds. 50 when absent. */
  iterations?: number
  /**
   * Ends when the squared moves of all centres sum to this times the mean variance of a column. 1e-4 when absent, as
   * in scikit-learn.
   */
  tolerance?: number
}

export interface KMeans {
  /** Means of the clusters, [k × columns]; not of unit length. */
  centres: Matrix
  /** Cluster of every row, 0 to k − 1: the one with the nearest centre. */
  assignment: Int32Array
  /** Sum of squared Euclidean distances of the rows to their centres. */
  inertia: number
}

/** What is known of every row between rounds. */
interface Rows {
  squares: Float32Array
  assignment: Int32Array
  /** At least the distance to the row's own centre. */
  upper: Float32Array
  /** At most the distance to any other centre. */
  lower: Float32Array
}

const blockProducts = 1 << 20

/**
 * k-means by Lloyd's rounds from k-means++ seeds, by squared Euclidean distance; between unit vectors that is twice
 * the cosine distance, so that it groups by angle. Rows whose centre cannot have changed are passed over (Hamerly
 * 2010, "Making k-means even faster"). A cluster that loses all its rows is seeded anew at the row farthest from its
 * centre; only a set of fewer than `k` different rows leaves clusters empty. Throws INPUT_INVALID for `k` out of
 * range, CANCELLED on abort.
 */
export async function fitKMeans(vectors: Matrix, options: KMeansOptions, work: LongWork = {}): Promise<KMeans> {
  const { k, rng, iterations = 50, tolerance = 1e-4 } = options
  const { rows, columns } = vectors
  if (!Number.isInteger(k) || k < 1 || k > rows)
    throw new FoveaError('INPUT_INVALID', `Expected 1 to ${rows} clusters for ${rows} vectors, got ${k}.`, {
      hint: 'Ask for fewer clusters, or give more vectors.',
    })
  const squares = measureSquares(vectors)
  const state: Rows = {
    squares,
    assignment: new Int32Array(rows).fill(-1),
    upper: new Float32Array(rows).fill(Infinity),
    lower: new Float32Array(rows),
  }
  const sums = new Float64Array(k * columns)
  const sizes = new Int32Array(k)
  const enough = tolerance * measureVariance(vectors)
  let centres = await seedCentres(vectors, squares, k, rng, work)
  for (let done = 0; done < iterations; done++) {
    const changed = await assignRows(vectors, centres, state, { sums, sizes }, work)
    work.progress?.report({ stage: 'clustering', done: done + 1, total: iterations, unit: 'rounds' })
    if (changed === 0) break
    if (sizes.includes(0)) reseedEmpty(vectors, centres, state, { sums, sizes })
    const next: Matrix = { rows: k, columns, data: new Float32Array(k * columns) }
    for (let c = 0, at = 0; c < k; c++)
      for (let d = 0; d < columns; d++, at++) next.data[at] = sizes[c] === 0 ? centres.data[at]! : sums[at]! / sizes[c]!
    const moves = measureMoves(centres, next)
    loosenBounds(state, moves)
    centres = next
    if (moves.reduce((sum, move) => sum + move * move, 0) <= enough) break
  }
  state.upper.fill(Infinity)
  await assignRows(vectors, centres, state, { sums, sizes }, work)
  const inertia = measureGaps(vectors, centres, state.assignment).reduce((sum, gap) => sum + gap, 0)
  return { centres, assignment: state.assignment, inertia }
}

interface Totals {
  /** Sum of the rows of every cluster, [k × columns]. */
  sums: Float64Array
  sizes: Int32Array
}

/**
 * Assigns every row to its nearest centre (the first of equals), keeps the totals in step, and tells how many rows
 * changed.
 */
async function assignRows(
  vectors: Matrix,
  centres: Matrix,
  state: Rows,
  totals: Totals,
  { signal }: LongWork,
): Promise<number> {
  const { rows, columns, data } = vectors
  const half = measureSquares(centres).map((square) => square / 2)
  const size = Math.max(64, Math.min(4096, Math.floor(blockProducts / centres.rows)))
  const numbers = new Int32Array(size)
  const block = new Float32Array(size * columns)
  let changed = 0
  for (let r = 0; r < rows;) {
    throwIfAborted(signal)
    let count = 0
    for (; r < rows && count < size; r++) {
      if (state.upper[r]! <= state.lower[r]!) continue
      block.set(data.subarray(r * columns, (r + 1) * columns), count * columns)
      numbers[count++] = r
    }
    const dots = (await multiplyTransposed({ rows: count, columns, data: block }, centres)).data
    for (let i = 0; i < count; i++) {
      const row = numbers[i]!
      let best = -Infinity
      let second = -Infinity
      let nearest = 0
      for (let c = 0, at = i * centres.rows; c < centres.rows; c++, at++) {
        const closeness = dots[at]! - half[c]!
        if (closeness <= second) continue
        if (closeness > best) {
          second = best
          best = closeness
          nearest = c
        } else second = closeness
      }
      state.upper[row] = Math.sqrt(Math.max(0, state.squares[row]! - 2 * best))
      state.lower[row] = Math.sqrt(Math.max(0, state.squares[row]! - 2 * second))
      if (state.assignment[row] === nearest) continue
      moveRow(vectors, row, nearest, state, totals)
      changed++
    }
    await setImmediate()
  }
  return changed
}

function moveRow({ columns, data }: Matrix, row: number, to: number, { assignment }: Rows, totals: Totals): void {
  const { sums, sizes } = totals
  const from = assignment[row]!
  if (from >= 0) sizes[from]!--
  sizes[to]!++
  assignment[row] = to
  for (let d = 0, at = row * columns; d < columns; d++, at++) {
    if (from >= 0) sums[from * columns + d]! -= data[at]!
    sums[to * columns + d]! += data[at]!
  }
}

/** Gives every empty cluster the row that lies farthest from its own centre, and takes it from there. */
function reseedEmpty(vectors: Matrix, centres: Matrix, state: Rows, totals: Totals): void {
  const gaps = measureGaps(vectors, centres, state.assignment)
  for (let c = 0; c < totals.sizes.length; c++) {
    if (totals.sizes[c] !== 0) continue
    let farthest = -1
    for (let r = 0; r < gaps.length; r++)
      if (gaps[r]! > 0 && totals.sizes[state.assignment[r]!]! > 1 && (farthest < 0 || gaps[r]! > gaps[farthest]!))
        farthest = r
    if (farthest < 0) return
    moveRow(vectors, farthest, c, state, totals)
    gaps[farthest] = 0
    state.upper[farthest] = Infinity
  }
}

/** Moving centres loosen what is known of the distances of the rows, by the triangle inequality. */
function loosenBounds({ assignment, upper, lower }: Rows, moves: Float64Array): void {
  let first = 0
  let second = 0
  for (const move of moves) {
    if (move > first) {
      second = first
      first = move
    } else if (move > second) second = move
  }
  for (let r = 0; r < assignment.length; r++) {
    const move = moves[assignment[r]!]!
    upper[r]! += move
    lower[r]! -= move === first ? second : first
  }
}

function measureSquares({ rows, columns, data }: Matrix): Float32Array {
  const squares = new Float32Array(rows)
  for (let r = 0, at = 0; r < rows; r++) {
    let sum = 0
    for (let d = 0; d < columns; d++, at++) sum += data[at]! * data[at]!
    squares[r] = sum
  }
  return squares
}

/** Mean over the columns of their variance. */
function measureVariance({ rows, columns, data }: Matrix): number {
  const sum = new Float64Array(columns)
  let square = 0
  for (let r = 0, at = 0; r < rows; r++) {
    for (let d = 0; d < columns; d++, at++) {
      sum[d]! += data[at]!
      square += data[at]! * data[at]!
    }
  }
  for (let d = 0; d < columns; d++) square -= (sum[d]! * sum[d]!) / rows
  return Math.max(0, square / rows / columns)
}

/** Euclidean distance between rows of the same number. */
function measureMoves(from: Matrix, to: Matrix): Float64Array {
  const moves = new Float64Array(from.rows)
  for (let c = 0, at = 0; c < from.rows; c++) {
    let sum = 0
    for (let d = 0; d < from.columns; d++, at++) sum += (to.data[at]! - from.data[at]!) ** 2
    moves[c] = Math.sqrt(sum)
  }
  return moves
}

/** Squared distance of every row to its centre. */
function measureGaps({ rows, columns, data }: Matrix, centres: Matrix, assignment: Int32Array): Float64Array {
  const gaps = new Float64Array(rows)
  for (let r = 0, at = 0; r < rows; r++) {
    let sum = 0
    for (let d = 0, to = assignment[r]! * columns; d < columns; d++) sum += (data[at++]! - centres.data[to++]!) ** 2
    gaps[r] = sum
  }
  return gaps
}
