import type { Rng } from '#base'

/**
 * Makes the rows of `basis` [rows × columns] orthonormal in place, by Gram-Schmidt run twice over ("twice is enough", Kahan in
 * Parlett 1980). A row that depends on those before it is replaced by a random direction. Needs rows ≤ columns.
 */
export function orthonormalizeRows(basis: Float64Array, rows: number, columns: number, rng: Rng): void {
  for (let r = 0; r < rows; r++) {
    const row = basis.subarray(r * columns, (r + 1) * columns)
    let before = normalize(row)
    for (;;) {
      for (let pass = 0; pass < 2; pass++) {
        for (let p = 0; p < r; p++) {
          const other = basis.subarray(p * columns, (p + 1) * columns)
          let dot = 0
          for (let d = 0; d < columns; d++) dot += row[d]! * other[d]!
          for (let d = 0; d < columns; d++) row[d]! -= dot * other[d]!
        }
      }
      if (normalize(row) > 1e-10 && before > 1e-30) break
      for (let d = 0; d < columns; d++) row[d] = rng.normal()
      before = normalize(row)
    }
  }
}

/** Scales to unit length and returns the length it had; a zero vector stays. */
function normalize(row: Float64Array): number {
  let sum = 0
  for (const value of row) sum += value * value
  const length = Math.sqrt(sum)
  if (length > 0) for (let d = 0; d < row.length; d++) row[d]! /= length
  return length
}

/**
 * Eigenvalues of a symmetric matrix [size × size] by falling value, with unit eigenvectors as rows in the same order. Cyclic
 * Jacobi rotations (Golub & Van Loan, "Matrix Computations", section 8.5); only sums of both triangles are read, so that
 * rounding which left the matrix slightly asymmetric does no harm.
 */
export function decomposeSymmetric(
  matrix: Float64Array,
  size: number,
): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix, (value, i) => (value + matrix[(i % size) * size + Math.floor(i / size)]!) / 2)
  const v = new Float64Array(size * size)
  for (let i = 0; i < size; i++) v[i * size + i] = 1
  const norm = Math.hypot(...a)
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0
    for (let p = 0; p < size; p++) for (let q = 0; q < p; q++) off = Math.max(off, Math.abs(a[p * size + q]!))
    if (off <= 1e-14 * norm) break
    for (let p = 0; p < size - 1; p++) for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q)
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((x, y) => a[y * size + y]! - a[x * size + x]!)
  const vectors = new Float64Array(size * size)
  order.forEach((from, to) => vectors.set(v.subarray(from * size, (from + 1) * size), to * size))
  return { values: Float64Array.from(order, (i) => a[i * size + i]!), vectors }
}

/** One Jacobi rotation that makes a[p, q] zero; the rows of `v` turn with it. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const entry = a[p * size + q]!
  if (entry === 0) return
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * entry)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let i = 0; i < size; i++) {
    const x = a[i * size + p]!
    const y = a[i * size + q]!
    a[i * size + p] = c * x - s * y
    a[i * size + q] = s * x + c * y
  }
  for (let i = 0; i < size; i++) {
    const x = a[p * size + i]!
    const y = a[q * size + i]!
    a[p * size + i] = c * x - s * y
    a[q * size + i] = s * x + c * y
    const vx = v[p * size + i]!
    const vy = v[q * size + i]!
    v[p * size + i] = c * vx - s * vy
    v[q * size + i] = s * vx + c * vy
  }
}
