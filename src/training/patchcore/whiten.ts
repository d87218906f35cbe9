import { throwIfAborted } from '#base'
import type { Rows } from './gather.ts'

/** A linear map of patches: `matrix` · (patch − `mean`). */
export interface Scaling {
  mean: Float32Array
  /** [width × width], row by row. */
  matrix: Float32Array
}

/** Share of the mean variance that is added to each direction, so that those without spread do not count without bound. */
const ridge = 0.01

/** Takes the mean away and leaves distances as they are. */
export function centre(rows: Rows): Scaling {
  const { width } = rows
  const matrix = new Float32Array(width * width)
  for (let k = 0; k < width; k++) matrix[k * width + k] = 1
  return { mean: Float32Array.from(meanOf(rows)), matrix }
}

/**
 * The inverse of the Cholesky factor L of the covariance C + εI: distances after it are Mahalanobis distances, since (L⁻¹)ᵀL⁻¹ is
 * the inverse of C + εI. O(rows · width²).
 */
export function whiten(rows: Rows, signal: AbortSignal): Scaling {
  const { width, data } = rows
  const count = data.length / width
  const mean = meanOf(rows)
  const factor = new Float64Array(width * width)
  const row = new Float64Array(width)
  for (let r = 0; r < count; r++) {
    if (r % 4096 === 0) throwIfAborted(signal)
    for (let k = 0; k < width; k++) row[k] = data[r * width + k]! - mean[k]!
    for (let i = 0; i < width; i++) {
      const scale = row[i]! / count
      for (let j = 0, at = i * width; j <= i; j++, at++) factor[at]! += scale * row[j]!
    }
  }
  let trace = 0
  for (let i = 0; i < width; i++) trace += factor[i * width + i]!
  // At least a little, for pictures without any spread.
  const added = Math.max((ridge * trace) / width, 1e-12)
  for (let i = 0; i < width; i++) factor[i * width + i]! += added
  return { mean: Float32Array.from(mean), matrix: invertLower(factorize(factor, width), width) }
}

function meanOf({ width, data }: Rows): Float64Array {
  const mean = new Float64Array(width)
  for (let i = 0; i < data.length; i++) mean[i % width]! += data[i]!
  return mean.map((sum) => sum / (data.length / width))
}

/** Cholesky in place, of the lower triangle. */
function factorize(matrix: Float64Array, width: number): Float64Array {
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * width + j]!
      for (let k = 0; k < j; k++) sum -= matrix[i * width + k]! * matrix[j * width + k]!
      matrix[i * width + j] = i === j ? Math.sqrt(Math.max(sum, 1e-20)) : sum / matrix[j * width + j]!
    }
  return matrix
}

function invertLower(lower: Float64Array, width: number): Float32Array {
  const inverse = new Float64Array(width * width)
  for (let i = 0; i < width; i++) {
    inverse[i * width + i] = 1 / lower[i * width + i]!
    for (let j = 0; j < i; j++) {
      let sum = 0
      for (let k = j; k < i; k++) sum += lower[i * width + k]! * inverse[k * width + j]!
      inverse[i * width + j] = -sum / lower[i * width + i]!
    }
  }
  return Float32Array.from(inverse)
}

/** What is added after the matrix alone, for layers that know no mean: −`matrix` · `mean`. */
export function scalingBias({ mean, matrix }: Scaling): Float32Array {
  const width = mean.length
  return mean.map((_, i) => {
    let sum = 0
    for (let k = 0; k < width; k++) sum -= matrix[i * width + k]! * mean[k]!
    return sum
  })
}

/** Every row after the map. */
export function scaleRows({ width, data }: Rows, { mean, matrix }: Scaling, signal: AbortSignal): Rows {
  const out = new Float32Array(data.length)
  const row = new Float32Array(width)
  for (let from = 0; from < data.length; from += width) {
    if (from % (4096 * width) === 0) throwIfAborted(signal)
    for (let k = 0; k < width; k++) row[k] = data[from + k]! - mean[k]!
    for (let i = 0; i < width; i++) {
      let sum = 0
      // The matrix is lower triangular, or diagonal.
      for (let k = 0, at = i * width; k <= i; k++, at++) sum += matrix[at]! * row[k]!
      out[from + i] = sum
    }
  }
  return { width, data: out }
}
