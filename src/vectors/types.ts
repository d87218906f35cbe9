import type { Progress } from '#base'

/** Row-major matrix of 32-bit floats: element (r, c) is `data[r * columns + c]`. */
export interface Matrix {
  rows: number
  columns: number
  data: Float32Array
}

/**
 * The `k` nearest other rows of every row, nearest first: neighbour i of row r is `ids[r * k + i]` at cosine distance
 * `distances[r * k + i]` (1 − cosine, 0 to 2). Where fewer than `k` exist, the rest is id −1 and distance Infinity.
 */
export interface NeighbourGraph {
  rows: number
  k: number
  ids: Int32Array
  distances: Float32Array
}

/** What long numeric work takes: cancelling, progress, and seeded randomness. */
export interface LongWork {
  signal?: AbortSignal
  progress?: Progress
}
