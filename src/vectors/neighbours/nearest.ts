import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '#base'
import { multiplyTransposed, sliceRows } from '../linear/matmul.ts'
import type { LongWork, Matrix, NeighbourGraph } from '../types.ts'
import { createNearestList } from './nearest-list.ts'

const blockRows = 256
const tileRows = 16_384

/** For every row of `queries` its k nearest rows of `base` by cosine, nearest first; exact, O(m·n·d). Rows have unit length. */
export async function findNearest(
  queries: Matrix,
  base: Matrix,
  wanted: number,
  { signal, progress }: LongWork = {},
): Promise<NeighbourGraph> {
  const k = Math.max(1, Math.min(wanted, base.rows))
  const ids = new Int32Array(queries.rows * k).fill(-1)
  const distances = new Float32Array(queries.rows * k).fill(Infinity)
  for (let from = 0; from < queries.rows; from += blockRows) {
    const to = Math.min(queries.rows, from + blockRows)
    const lists = Array.from({ length: to - from }, () => createNearestList(k))
    for (let tile = 0; tile < base.rows; tile += tileRows) {
      throwIfAborted(signal)
      const end = Math.min(base.rows, tile + tileRows)
      const { data } = await multiplyTransposed(sliceRows(queries, from, to), sliceRows(base, tile, end))
      lists.forEach((list, i) => {
        for (let other = tile, at = i * (end - tile); other < end; other++, at++)
          if (data[at]! > list.floor) list.add(other, data[at]!)
      })
      await setImmediate()
    }
    lists.forEach((list, i) => {
      for (let j = 0; j < list.size; j++) {
        ids[(from + i) * k + j] = list.ids[j]!
        distances[(from + i) * k + j] = Math.max(0, 1 - list.scores[j]!)
      }
    })
    progress?.report({ stage: 'neighbours', done: to, total: queries.rows, unit: 'vectors' })
  }
  return { rows: queries.rows, k, ids, distances }
}

/** Cosine of every row of `base` with each query: [queries × base rows]. */
export async function scoreAll(queries: Matrix, base: Matrix): Promise<Float32Array> {
  const { data } = await multiplyTransposed(queries, base)
  return data
}

/** The k rows of `base` nearest to one query, of those that `among` marks (all when undefined), nearest first; exact. */
export async function rankAll(
  query: Matrix,
  base: Matrix,
  k: number,
  among: Uint8Array | undefined,
): Promise<{ rows: Int32Array; scores: Float64Array }> {
  const scores = await scoreAll(query, base)
  const list = createNearestList(k)
  for (let row = 0; row < base.rows; row++)
    if (scores[row]! > list.floor && (among === undefined || among[row] === 1)) list.add(row, scores[row]!)
  return { rows: list.ids.slice(0, list.size), scores: list.scores.slice(0, list.size) }
}

export interface VectorPairs {
  a: Int32Array
  b: Int32Array
  scores: Float32Array
}

/** Every pair of rows a < b whose cosine is at least `threshold`; exact, O(n²·d). Zero rows are in none. */
export async function findPairs(vectors: Matrix, threshold: number, work: LongWork = {}): Promise<VectorPairs> {
  const [a, b, scores]: [number[], number[], number[]] = [[], [], []]
  const { rows } = vectors
  for (let from = 0; from < rows; from += blockRows) {
    throwIfAborted(work.signal)
    work.progress?.report({ stage: 'pairs', done: from, total: rows, unit: 'vectors' })
    const to = Math.min(rows, from + blockRows)
    for (let tile = from; tile < rows; tile += tileRows) {
      const end = Math.min(rows, tile + tileRows)
      const { data } = await multiplyTransposed(sliceRows(vectors, from, to), sliceRows(vectors, tile, end))
      for (let row = from, at = 0; row < to; row++)
        for (let other = tile; other < end; other++, at++) {
          if (data[at]! < threshold || other <= row) continue
          a.push(row)
          b.push(other)
          scores.push(data[at]!)
        }
      await setImmediate()
    }
  }
  return { a: Int32Array.from(a), b: Int32Array.from(b), scores: Float32Array.from(scores) }
}
