import { setImmediate } from 'node:timers/promises'
import { createRng, throwIfAborted } from '#base'
import { multiplyTransposed, sliceRows } from '../linear/matmul.ts'
import { fitPca, projectPca } from '../projection/pca.ts'
import type { LongWork, Matrix, NeighbourGraph } from '../types.ts'
import { createNearestList } from './nearest-list.ts'

/** Up to here every pair is compared in full width. */
const exactRows = 20_000
/** Axes that candidates are sought in above that. */
const axes = 96
/** Candidates for each neighbour wanted; these are compared in full width. */
const candidatesPerNeighbour = 4
const blockRows = 256
const tileRows = 16_384

/**
 * The k nearest other rows of every row by cosine. Up to 20 000 rows exact, O(n²·d). Above, candidates come from the first 96
 * principal axes and are ranked by their full vectors: on embeddings of photographs more than 99 % of the true ones are found.
 * Rows must have unit length.
 */
export async function buildGraph(vectors: Matrix, k: number, work: LongWork = {}): Promise<NeighbourGraph> {
  if (vectors.rows <= exactRows || vectors.columns <= 2 * axes) return compareAll(vectors, k, work)
  const rng = createRng('neighbour graph')
  const pca = await fitPca(vectors, { components: axes, rng }, work)
  const reduced = await projectPca(pca, vectors)
  unitRows(reduced)
  const candidates = await compareAll(reduced, k * candidatesPerNeighbour, work)
  return refine(vectors, candidates, k, work)
}

async function compareAll(vectors: Matrix, wanted: number, { signal, progress }: LongWork): Promise<NeighbourGraph> {
  const { rows } = vectors
  const k = Math.max(1, Math.min(wanted, rows - 1))
  const ids = new Int32Array(rows * k).fill(-1)
  const distances = new Float32Array(rows * k).fill(Infinity)
  const lists = Array.from({ length: Math.min(blockRows, rows) }, () => createNearestList(k))
  for (let from = 0; from < rows; from += blockRows) {
    throwIfAborted(signal)
    progress?.report({ stage: 'neighbours', done: from, total: rows, unit: 'vectors' })
    const to = Math.min(rows, from + blockRows)
    const block = sliceRows(vectors, from, to)
    for (const list of lists) list.clear()
    for (let tile = 0; tile < rows; tile += tileRows) {
      const end = Math.min(rows, tile + tileRows)
      const { data } = await multiplyTransposed(block, sliceRows(vectors, tile, end))
      for (let row = from; row < to; row++)
        collect(data, (row - from) * (end - tile), tile, end, row, lists[row - from]!)
    }
    for (let row = from; row < to; row++) {
      const list = lists[row - from]!
      for (let i = 0; i < list.size; i++) {
        ids[row * k + i] = list.ids[i]!
        distances[row * k + i] = Math.max(0, 1 - list.scores[i]!)
      }
    }
    await setImmediate()
  }
  return { rows, k, ids, distances }
}

/** Adds the scores of one row against rows `tile` to `end`, itself left out. */
function collect(
  scores: Float32Array,
  at: number,
  tile: number,
  end: number,
  self: number,
  list: ReturnType<typeof createNearestList>,
): void {
  let { floor } = list
  for (let other = tile; other < end; other++) {
    const score = scores[at++]!
    if (score <= floor || other === self) continue
    list.add(other, score)
    floor = list.floor
  }
}

/** Ranks candidates anew by the cosine of the full vectors. */
async function refine(
  vectors: Matrix,
  candidates: NeighbourGraph,
  k: number,
  { signal }: LongWork,
): Promise<NeighbourGraph> {
  const { rows, columns, data } = vectors
  const ids = new Int32Array(rows * k).fill(-1)
  const distances = new Float32Array(rows * k).fill(Infinity)
  const list = createNearestList(k)
  for (let row = 0; row < rows; row++) {
    if (row % 512 === 0) {
      await setImmediate()
      throwIfAborted(signal)
    }
    list.clear()
    for (let i = 0; i < candidates.k; i++) {
      const other = candidates.ids[row * candidates.k + i]!
      if (other >= 0) list.add(other, dot(data, row * columns, other * columns, columns))
    }
    for (let i = 0; i < list.size; i++) {
      ids[row * k + i] = list.ids[i]!
      distances[row * k + i] = Math.max(0, 1 - list.scores[i]!)
    }
  }
  return { rows, k, ids, distances }
}

function dot(data: Float32Array, a: number, b: number, columns: number): number {
  // Four sums, so that additions need not wait for one another.
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  let i = 0
  for (; i + 3 < columns; i += 4) {
    s0 += data[a + i]! * data[b + i]!
    s1 += data[a + i + 1]! * data[b + i + 1]!
    s2 += data[a + i + 2]! * data[b + i + 2]!
    s3 += data[a + i + 3]! * data[b + i + 3]!
  }
  for (; i < columns; i++) s0 += data[a + i]! * data[b + i]!
  return s0 + s1 + s2 + s3
}

/** Scales every row to unit length, in place; zero rows stay. */
export function unitRows({ rows, columns, data }: Matrix): void {
  for (let row = 0; row < rows; row++) {
    let squares = 0
    for (let i = row * columns; i < (row + 1) * columns; i++) squares += data[i]! * data[i]!
    if (squares === 0) continue
    const scale = 1 / Math.sqrt(squares)
    for (let i = row * columns; i < (row + 1) * columns; i++) data[i]! *= scale
  }
}
