import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '#base'
import type { LongWork, Matrix } from '../types.ts'

const leafPoints = 12
const queriesPerTurn = 512

/** A k-d tree whose points are kept in the order of its leaves, so that every node is a range of positions. */
export interface KdTree {
  count: number
  dimensions: number
  /** Row of the matrix at every position. */
  rowAt: Int32Array
  /** Coordinates by position, [count × dimensions]. */
  points: Float64Array
  nodes: number
  /** Positions of a node: from `starts` up to `ends`, exclusive. */
  starts: Int32Array
  ends: Int32Array
  /** Right child; the left one is the node after its parent. 0 for a leaf. */
  rights: Int32Array
  /** Bounding boxes, [nodes × dimensions]. */
  lows: Float64Array
  highs: Float64Array
}

/** Splits at the median of the widest side of the bounding box until at most 12 points are left (Bentley 1975). */
export function buildKdTree({ rows, columns, data }: Matrix): KdTree {
  const order = Int32Array.from({ length: rows }, (_, row) => row)
  const capacity = Math.max(1, 4 * Math.ceil(rows / leafPoints))
  const tree = {
    count: rows,
    dimensions: columns,
    rowAt: order,
    points: new Float64Array(rows * columns),
    nodes: 0,
    starts: new Int32Array(capacity),
    ends: new Int32Array(capacity),
    rights: new Int32Array(capacity),
    lows: new Float64Array(capacity * columns).fill(Infinity),
    highs: new Float64Array(capacity * columns).fill(-Infinity),
  }
  const split = (start: number, end: number): void => {
    const node = tree.nodes++
    tree.starts[node] = start
    tree.ends[node] = end
    let widest = 0
    let width = -1
    for (let d = 0; d < columns; d++) {
      let low = Infinity
      let high = -Infinity
      for (let i = start; i < end; i++) {
        const value = data[order[i]! * columns + d]!
        if (value < low) low = value
        if (value > high) high = value
      }
      tree.lows[node * columns + d] = low
      tree.highs[node * columns + d] = high
      if (high - low > width) {
        width = high - low
        widest = d
      }
    }
    if (end - start <= leafPoints) return
    const middle = (start + end) >> 1
    partitionAt(order, start, end - 1, middle, (row) => data[row * columns + widest]!)
    split(start, middle)
    tree.rights[node] = tree.nodes
    split(middle, end)
  }
  if (rows > 0) split(0, rows)
  for (let i = 0; i < rows; i++)
    for (let d = 0; d < columns; d++) tree.points[i * columns + d] = data[order[i]! * columns + d]!
  return tree
}

/**
 * Reorders so that no key before `middle` exceeds one after it (Hoare's quickselect, with the middle one of three as
 * pivot).
 */
function partitionAt(
  order: Int32Array,
  start: number,
  end: number,
  middle: number,
  keyOf: (row: number) => number,
): void {
  let from = start
  let to = end
  while (from < to) {
    const a = keyOf(order[from]!)
    const b = keyOf(order[(from + to) >> 1]!)
    const c = keyOf(order[to]!)
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
    let i = from
    let j = to
    while (i <= j) {
      while (keyOf(order[i]!) < pivot) i++
      while (keyOf(order[j]!) > pivot) j--
      if (i > j) break
      const kept = order[i]!
      order[i++] = order[j]!
      order[j--] = kept
    }
    if (middle <= j) to = j
    else if (middle >= i) from = i
    else return
  }
}

/** Squared distance from the point at `position` to the bounding box of a node; 0 inside. */
export function measureToBox(tree: KdTree, position: number, node: number): number {
  const { dimensions, points, lows, highs } = tree
  let sum = 0
  for (let d = 0, p = position * dimensions, b = node * dimensions; d < dimensions; d++, p++, b++) {
    const value = points[p]!
    const gap = value < lows[b]! ? lows[b]! - value : value > highs[b]! ? value - highs[b]! : 0
    sum += gap * gap
  }
  return sum
}

/** Squared distance between the points at two positions. */
export function measureBetween({ dimensions, points }: KdTree, a: number, b: number): number {
  let sum = 0
  for (let d = 0, p = a * dimensions, q = b * dimensions; d < dimensions; d++, p++, q++) {
    const gap = points[p]! - points[q]!
    sum += gap * gap
  }
  return sum
}

/**
 * Squared distance of every position to its `neighbours`-th nearest point, itself counted as the first. Needs
 * 1 ≤ neighbours ≤ count. Throws CANCELLED on abort.
 */
export async function measureCores(
  tree: KdTree,
  neighbours: number,
  { signal, progress }: LongWork,
): Promise<Float64Array> {
  const { count, starts, ends, rights } = tree
  const cores = new Float64Array(count)
  // The nearest so far, as a heap with the farthest on top.
  const heap = new Float64Array(neighbours)
  const replaceTop = (value: number): void => {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= neighbours) break
      if (child + 1 < neighbours && heap[child + 1]! > heap[child]!) child++
      if (heap[child]! <= value) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = value
  }
  const visit = (node: number, position: number): void => {
    const right = rights[node]!
    if (right === 0) {
      for (let other = starts[node]!; other < ends[node]!; other++) {
        const distance = measureBetween(tree, position, other)
        if (distance < heap[0]!) replaceTop(distance)
      }
      return
    }
    const toLeft = measureToBox(tree, position, node + 1)
    const toRight = measureToBox(tree, position, right)
    if (toLeft <= toRight) {
      if (toLeft < heap[0]!) visit(node + 1, position)
      if (toRight < heap[0]!) visit(right, position)
    } else {
      if (toRight < heap[0]!) visit(right, position)
      if (toLeft < heap[0]!) visit(node + 1, position)
    }
  }
  for (let position = 0; position < count; position++) {
    if (position % queriesPerTurn === 0) {
      throwIfAborted(signal)
      progress?.report({ stage: 'measuring density', done: position, total: count, unit: 'points' })
      await setImmediate()
    }
    heap.fill(Infinity)
    visit(0, position)
    cores[position] = heap[0]!
  }
  return cores
}
