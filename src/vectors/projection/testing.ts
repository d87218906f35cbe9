import type { Matrix, NeighbourGraph } from '../types.ts'

/** lowbias32 (Chris Wellons, "Prospecting for hash functions"): a bijection of 32-bit integers. */
function scramble(x: number): number {
  let hash = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The number at `index` of an endless stream, uniform in [−1, 1). */
export function deviate(stream: number, index: number): number {
  return scramble((scramble(stream) + index) >>> 0) / 2147483648 - 1
}

/**
 * Unit vectors in `patches` flat patches: row r lies in patch c = r mod patches, at centre(c) + u·first(c) + v·second(c) + noise, with
 * u and v a row's own two numbers. Everything is a stream of `deviate`; scripts/golden/projection.py makes the same.
 */
export function makePatches(rows: number, columns: number, patches: number, noise = 0.2): Matrix {
  const data = new Float32Array(rows * columns)
  const row = new Float64Array(columns)
  for (let r = 0; r < rows; r++) {
    const patch = r % patches
    const u = deviate(1, r)
    const v = deviate(2, r)
    let square = 0
    for (let d = 0; d < columns; d++) {
      const at = patch * columns + d
      row[d] = deviate(3, at) + u * deviate(4, at) + v * deviate(5, at) + noise * deviate(6, r * columns + d)
      square += row[d]! * row[d]!
    }
    for (let d = 0; d < columns; d++) data[r * columns + d] = row[d]! / Math.sqrt(square)
  }
  return { rows, columns, data }
}

/** The exact neighbours of every row by cosine distance, by comparing all pairs. */
export function findExactNeighbours(vectors: Matrix, k: number): NeighbourGraph {
  return findNeighboursAmong(vectors, vectors, k)
}

/** The exact neighbours of every row among those of `others`; no row is its own where both are the same matrix. */
export function findNeighboursAmong(vectors: Matrix, others: Matrix, k: number): NeighbourGraph {
  const { rows, columns, data } = vectors
  const ids = new Int32Array(rows * k).fill(-1)
  const distances = new Float32Array(rows * k).fill(Infinity)
  for (let r = 0; r < rows; r++) {
    for (let other = 0; other < others.rows; other++) {
      if (other === r && others === vectors) continue
      let dot = 0
      for (let d = 0; d < columns; d++) dot += data[r * columns + d]! * others.data[other * columns + d]!
      const distance = Math.max(0, 1 - dot)
      let at = r * k + k
      for (; at > r * k && distance < distances[at - 1]!; at--) {
        if (at === r * k + k) continue
        ids[at] = ids[at - 1]!
        distances[at] = distances[at - 1]!
      }
      if (at === r * k + k) continue
      ids[at] = other
      distances[at] = distance
    }
  }
  return { rows, k, ids, distances }
}

/** Start of a layout: the first two columns. */
export function takeTwoColumns({ rows, columns, data }: Matrix): Matrix {
  const two = Float32Array.from({ length: rows * 2 }, (_, i) => data[Math.floor(i / 2) * columns + (i % 2)]!)
  return { rows, columns: 2, data: two }
}
