import { setImmediate } from 'node:timers/promises'
import { FoveaError, throwIfAborted } from '#base'
import type { LongWork, NeighbourGraph } from '../types.ts'
import { markRows, requireBudget } from './rows.ts'

export interface CoverageOptions {
  /** How much every row counts, 0 or more; 1 for each when absent. */
  weights?: Float32Array
  /** Rows chosen or labelled before: what they cover is covered, and they are not chosen again. */
  start?: Int32Array
}

const choicesPerTurn = 256

/**
 * At most `budget` rows that stand for as many others as they can, in the order of choice: facility location over the
 * neighbour graph. A chosen row covers itself wholly and every row that has it among its neighbours by their cosine
 * similarity; a row counts as much as its best cover, times its weight. The greedy choice reaches at least 1 − 1/e
 * (63 %) of the best possible (Nemhauser, Wolsey & Fisher 1978), found lazily (Minoux 1978); of equal rows the first
 * is chosen. Throws INPUT_INVALID for a budget, a start row or weights out of range, CANCELLED on abort.
 */
export async function selectCoverage(
  graph: NeighbourGraph,
  budget: number,
  { weights, start = new Int32Array(0) }: CoverageOptions = {},
  { signal, progress }: LongWork = {},
): Promise<Int32Array> {
  const { rows } = graph
  requireBudget(budget)
  if (weights !== undefined && (weights.length !== rows || weights.some((weight) => !(weight >= 0))))
    throw new FoveaError('INPUT_INVALID', `Expected ${rows} weights of 0 or more, one per sample.`)
  const taken = markRows(start, rows)
  const covered = new Float64Array(rows)
  const covers = invertGraph(graph)
  const measureGain = (row: number): number => {
    let gain = (1 - covered[row]!) * (weights?.[row] ?? 1)
    for (let at = covers.starts[row]!; at < covers.starts[row + 1]!; at++) {
      const other = covers.rows[at]!
      const more = covers.similarities[at]! - covered[other]!
      if (more > 0) gain += more * (weights?.[other] ?? 1)
    }
    return gain
  }
  const cover = (row: number): void => {
    covered[row] = 1
    for (let at = covers.starts[row]!; at < covers.starts[row + 1]!; at++) {
      const other = covers.rows[at]!
      if (covers.similarities[at]! > covered[other]!) covered[other] = covers.similarities[at]!
    }
  }
  start.forEach(cover)
  const free = Int32Array.from(taken.keys()).filter((row) => taken[row] === 0)
  const gains = new Float64Array(rows)
  for (const row of free) gains[row] = measureGain(row)
  const queue = createQueue(free, gains)
  const chosen = new Int32Array(Math.min(budget, free.length))
  for (let i = 0; i < chosen.length; i++) {
    if (i % choicesPerTurn === 0) {
      throwIfAborted(signal)
      progress?.report({ stage: 'selecting', done: i, total: chosen.length, unit: 'samples' })
      await setImmediate()
    }
    // Gains only fall, so that one that is still the greatest after measuring it anew is the greatest of all.
    for (;;) {
      const row = queue.top()
      const gain = measureGain(row)
      if (gain === gains[row]) break
      gains[row] = gain
      queue.settle()
    }
    chosen[i] = queue.top()
    queue.drop()
    cover(chosen[i]!)
  }
  return chosen
}

/** For every row r the rows that have it among their neighbours: `rows[starts[r]]` up to `rows[starts[r + 1] − 1]`. */
function invertGraph({ rows, k, ids, distances }: NeighbourGraph) {
  const starts = new Int32Array(rows + 1)
  for (const id of ids) if (id >= 0) starts[id + 1]!++
  for (let r = 0; r < rows; r++) starts[r + 1]! += starts[r]!
  const ends = starts.slice()
  const others = new Int32Array(starts[rows]!)
  const similarities = new Float64Array(starts[rows]!)
  for (let i = 0; i < rows * k; i++) {
    if (ids[i]! < 0) continue
    const at = ends[ids[i]!]!++
    others[at] = Math.floor(i / k)
    similarities[at] = Math.max(0, 1 - distances[i]!)
  }
  return { starts, rows: others, similarities }
}

/** A heap of rows with the greatest gain on top, the first of equals. `gains` is read when it is settled. */
function createQueue(rows: Int32Array, gains: Float64Array) {
  const heap = rows.slice()
  let size = heap.length
  const comesBefore = (a: number, b: number): boolean => gains[a]! > gains[b]! || (gains[a] === gains[b] && a < b)
  const sink = (start: number): void => {
    const row = heap[start]!
    let at = start
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && comesBefore(heap[child + 1]!, heap[child]!)) child++
      if (!comesBefore(heap[child]!, row)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = row
  }
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(at)
  return {
    top: (): number => heap[0]!,
    /** Puts the row on top where its changed gain belongs. */
    settle: (): void => sink(0),
    drop: (): void => {
      heap[0] = heap[--size]!
      if (size > 0) sink(0)
    },
  }
}
