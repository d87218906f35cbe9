import type { DensityGrid } from './density.ts'

/** Edges of a cell: 0 lower, 1 right, 2 upper, 3 left. Bits of the case: 1 lower left, 2 lower right, 4 upper right, 8 upper left. */
const crossings: readonly (readonly number[])[] = [
  [],
  [3, 0],
  [0, 1],
  [3, 1],
  [1, 2],
  [3, 0, 1, 2],
  [0, 2],
  [3, 2],
  [2, 3],
  [2, 0],
  [0, 1, 2, 3],
  [2, 1],
  [1, 3],
  [1, 0],
  [0, 3],
  [],
]

/**
 * Lines of one height on a grid, by marching squares: pieces of x1, y1, x2, y2 in units of the map. Ends that meet are equal to the
 * bit. Where a cell can be read in two ways, the mean of its corners decides.
 */
export function traceContour(grid: DensityGrid, height: number): Float32Array {
  const { side, values } = grid
  const pieces: number[] = []
  const put = (column: number, row: number, edge: number): void => {
    const isUpright = edge === 1 || edge === 3
    const firstColumn = edge === 1 ? column + 1 : column
    const firstRow = edge === 2 ? row + 1 : row
    const a = values[firstRow * side + firstColumn]!
    const b = values[isUpright ? (firstRow + 1) * side + firstColumn : firstRow * side + firstColumn + 1]!
    const share = (height - a) / (b - a)
    pieces.push(
      grid.left + (firstColumn + (isUpright ? 0 : share)) * grid.step,
      grid.low + (firstRow + (isUpright ? share : 0)) * grid.step,
    )
  }
  for (let row = 0; row < side - 1; row++)
    for (let column = 0; column < side - 1; column++) {
      const at = row * side + column
      const [a, b, c, d] = [values[at]!, values[at + 1]!, values[at + side + 1]!, values[at + side]!]
      const kind = (a > height ? 1 : 0) | (b > height ? 2 : 0) | (c > height ? 4 : 0) | (d > height ? 8 : 0)
      if (kind === 0 || kind === 15) continue
      const isJoined = (kind === 5 || kind === 10) && (a + b + c + d) / 4 > height
      const edges = crossings[isJoined ? 15 - kind : kind]!
      for (const edge of edges) put(column, row, edge)
    }
  return Float32Array.from(pieces)
}
