/**
 * Cells of a quadtree over points of the plane, a cell before those inside it. The cells inside cell c are c + 1 up to, not including,
 * `after[c]`; where there are none, its points are `order[first[c]]` up to `order[last[c] − 1]`.
 */
export interface Quadtree {
  cells: number
  after: Int32Array
  first: Int32Array
  last: Int32Array
  /** Squared width of each cell. */
  squareWidth: Float64Array
  /** Mean position of the points in each cell. */
  middleX: Float64Array
  middleY: Float64Array
  /** Point numbers so that those of any cell follow one another. */
  order: Int32Array
  /** Positions in that order, so that reading a cell's points reads memory in a row. */
  xs: Float64Array
  ys: Float64Array
}

const depth = 15
const side = 1 << depth
const leafPoints = 6

/** Room for the tree of `count` points, to be filled again and again. */
export function allocateQuadtree(count: number): Quadtree & { scratch: Scratch } {
  // A cell is divided when it holds more than `leafPoints`: at most a chain of `depth` cells for every such group, and its leaves.
  const room = Math.ceil(count / (leafPoints + 1)) * depth + count + 1
  return {
    cells: 0,
    after: new Int32Array(room),
    first: new Int32Array(room),
    last: new Int32Array(room),
    squareWidth: new Float64Array(room),
    middleX: new Float64Array(room),
    middleY: new Float64Array(room),
    order: new Int32Array(count),
    xs: new Float64Array(count),
    ys: new Float64Array(count),
    scratch: { codes: new Int32Array(count), codes2: new Int32Array(count), order2: new Int32Array(count) },
  }
}

interface Scratch {
  codes: Int32Array
  codes2: Int32Array
  order2: Int32Array
}

/**
 * Fills `tree` for the points at x, y pairs `points`: points sorted by Morton code (Morton 1966) of 15 bits per axis, cells divided while
 * they hold more than six points and codes differ.
 */
export function fillQuadtree(tree: Quadtree & { scratch: Scratch }, points: Float64Array): void {
  const count = points.length >> 1
  let left = Infinity
  let right = -Infinity
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < count; i++) {
    const x = points[i * 2]!
    const y = points[i * 2 + 1]!
    if (x < left) left = x
    if (x > right) right = x
    if (y < low) low = y
    if (y > high) high = y
  }
  const width = Math.max(right - left, high - low, Number.MIN_VALUE)
  const { codes } = tree.scratch
  for (let i = 0; i < count; i++) {
    const column = Math.min(side - 1, ((points[i * 2]! - left) / width) * side)
    const row = Math.min(side - 1, ((points[i * 2 + 1]! - low) / width) * side)
    codes[i] = spreadBits(column) | (spreadBits(row) << 1)
    tree.order[i] = i
  }
  sortByCode(tree)
  for (let i = 0; i < count; i++) {
    tree.xs[i] = points[tree.order[i]! * 2]!
    tree.ys[i] = points[tree.order[i]! * 2 + 1]!
  }
  tree.cells = 0
  if (count > 0) divide(tree, 0, count, depth, width * width)
}

/** Bits of a 16-bit number at every other place. */
function spreadBits(value: number): number {
  let bits = value & 0xffff
  bits = (bits | (bits << 8)) & 0x00ff00ff
  bits = (bits | (bits << 4)) & 0x0f0f0f0f
  bits = (bits | (bits << 2)) & 0x33333333
  return (bits | (bits << 1)) & 0x55555555
}

/** Radix sort of `order` by code, ten bits at a time. */
function sortByCode(tree: Quadtree & { scratch: Scratch }): void {
  const { scratch } = tree
  const starts = new Int32Array(1024)
  for (let shift = 0; shift < depth * 2; shift += 10) {
    const { codes, codes2, order2 } = scratch
    const { order } = tree
    starts.fill(0)
    for (let i = 0; i < codes.length; i++) starts[(codes[i]! >> shift) & 1023]!++
    for (let digit = 0, sum = 0; digit < 1024; digit++) {
      const size = starts[digit]!
      starts[digit] = sum
      sum += size
    }
    for (let i = 0; i < codes.length; i++) {
      const at = starts[(codes[i]! >> shift) & 1023]!++
      codes2[at] = codes[i]!
      order2[at] = order[i]!
    }
    scratch.codes = codes2
    scratch.codes2 = codes
    tree.order = order2
    scratch.order2 = order
  }
}

/** Writes the cell of the sorted points `from` to `to`, then those inside it; `level` pairs of code bits are left to tell them apart. */
function divide(
  tree: Quadtree & { scratch: Scratch },
  from: number,
  to: number,
  level: number,
  squareWidth: number,
): void {
  const cell = tree.cells++
  const { codes } = tree.scratch
  tree.first[cell] = from
  tree.last[cell] = to
  tree.squareWidth[cell] = squareWidth
  let x = 0
  let y = 0
  if (to - from <= leafPoints || level === 0 || codes[from] === codes[to - 1]) {
    for (let i = from; i < to; i++) {
      x += tree.xs[i]!
      y += tree.ys[i]!
    }
  } else {
    const shift = (level - 1) * 2
    for (let start = from; start < to;) {
      const quarter = codes[start]! >> shift
      let end = start + 1
      while (end < to && codes[end]! >> shift === quarter) end++
      const inside = tree.cells
      divide(tree, start, end, level - 1, squareWidth / 4)
      x += tree.middleX[inside]! * (end - start)
      y += tree.middleY[inside]! * (end - start)
      start = end
    }
  }
  tree.middleX[cell] = x / (to - from)
  tree.middleY[cell] = y / (to - from)
  tree.after[cell] = tree.cells
}
