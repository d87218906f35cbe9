import type { Rng } from '#base'
import { multiplyTransposed } from '../linear/matmul.ts'
import { copyRows } from '../projection/draw.ts'
import type { Matrix } from '../types.ts'

/** Rows that stand for all in the kernel. */
const landmarks = 1000
/** Width of the kernel, in medians of the squared distance. */
const sharpness = 0.7
/** Added to the diagonal, against rows that are alike. */
const jitter = 1e-4
const blockRows = 4096

/** Columns centred and scaled to deviation 1, then all of it so that rows have a mean squared length of 1. Constant columns become 0. */
export function standardise({ rows, columns, data }: Matrix): Matrix {
  const means = new Float64Array(columns)
  const squares = new Float64Array(columns)
  for (let at = 0, c = 0; at < rows * columns; at++, c = c + 1 === columns ? 0 : c + 1) {
    means[c]! += data[at]! / rows
    squares[c]! += data[at]! ** 2 / rows
  }
  const scales = squares.map((square, c) => {
    const variance = square - means[c]! ** 2
    return variance > 1e-12 ? 1 / Math.sqrt(variance * columns) : 0
  })
  const out = new Float32Array(rows * columns)
  for (let at = 0, c = 0; at < out.length; at++, c = c + 1 === columns ? 0 : c + 1)
    out[at] = (data[at]! - means[c]!) * scales[c]!
  return { rows, columns, data: out }
}

/**
 * Features whose products come near a Gaussian kernel of unit vectors, exp(−0.7·d²/median d²), by the Nyström method (Williams & Seeger
 * 2001) with up to 1000 rows drawn by chance; centred, with a mean squared length of 1. What is linear in them bends in the vectors.
 */
export async function bendFeatures(vectors: Matrix, rng: Rng): Promise<Matrix> {
  const drawn = Int32Array.from(
    rng.shuffle(Array.from({ length: vectors.rows }, (_, row) => row)).slice(0, landmarks),
  ).toSorted()
  const centres = copyRows(vectors, drawn)
  const among = await multiplyTransposed(centres, centres)
  const width = medianDistance(among.data)
  const inverse = invertFactor(toKernel(among, width))
  const out: Matrix = { rows: vectors.rows, columns: drawn.length, data: new Float32Array(vectors.rows * drawn.length) }
  for (let from = 0; from < vectors.rows; from += blockRows) {
    const to = Math.min(vectors.rows, from + blockRows)
    const block: Matrix = {
      rows: to - from,
      columns: vectors.columns,
      data: vectors.data.subarray(from * vectors.columns, to * vectors.columns),
    }
    const kernel = toKernel(await multiplyTransposed(block, centres), width)
    out.data.set((await multiplyTransposed(kernel, inverse)).data, from * drawn.length)
  }
  return centre(out)
}

/** Of the squared distances 2 − 2·cosine. */
function medianDistance(cosines: Float32Array): number {
  const sorted = cosines.toSorted()
  return Math.max(1e-6, 2 - 2 * (sorted[Math.floor(sorted.length / 2)] ?? 1))
}

function toKernel({ rows, columns, data }: Matrix, width: number): Matrix {
  return {
    rows,
    columns,
    data: data.map((cosine) => Math.exp((-sharpness * Math.max(0, 2 - 2 * cosine)) / width)),
  }
}

/** Inverse of the lower factor L of a positive matrix L·Lᵀ (Cholesky). */
function invertFactor({ rows: size, data }: Matrix): Matrix {
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = data[i * size + j]! + (i === j ? jitter : 0)
      for (let k = 0, a = i * size, b = j * size; k < j; k++) sum -= lower[a + k]! * lower[b + k]!
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(jitter * jitter, sum)) : sum / lower[j * size + j]!
    }
  }
  // Row i of the inverse: unit vector less what the rows before it take, over the diagonal.
  const inverse = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    const own = inverse.subarray(i * size, i * size + i + 1)
    own[i] = 1
    for (let k = 0; k < i; k++) {
      const weight = lower[i * size + k]!
      for (let j = 0, b = k * size; j <= k; j++) own[j]! -= weight * inverse[b + j]!
    }
    const diagonal = lower[i * size + i]!
    for (let j = 0; j <= i; j++) own[j]! /= diagonal
  }
  return { rows: size, columns: size, data: Float32Array.from(inverse) }
}

function centre({ rows, columns, data }: Matrix): Matrix {
  const means = new Float64Array(columns)
  let squares = 0
  for (let at = 0, c = 0; at < data.length; at++, c = c + 1 === columns ? 0 : c + 1) means[c]! += data[at]! / rows
  for (let at = 0, c = 0; at < data.length; at++, c = c + 1 === columns ? 0 : c + 1)
    squares += (data[at]! - means[c]!) ** 2
  const scale = squares > 0 ? Math.sqrt(rows / squares) : 0
  for (let at = 0, c = 0; at < data.length; at++, c = c + 1 === columns ? 0 : c + 1)
    data[at] = (data[at]! - means[c]!) * scale
  return { rows, columns, data }
}
