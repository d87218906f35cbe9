import { FoveaError, type Rng } from '#base'
import { multiplyTransposed, sliceRows } from '../linear/matmul.ts'
import type { LongWork, Matrix } from '../types.ts'
import { copyRows, drawRowNumbers } from './draw.ts'
import { decomposeSymmetric, orthonormalizeRows } from './orthogonal.ts'
import { giveTurn } from './turn.ts'

/** Principal axes of a set of vectors. */
export interface Pca {
  /** Mean of the vectors, one number per column. */
  mean: Float32Array
  /** Orthonormal rows [components × columns], by falling variance; the entry of largest magnitude in each is positive. */
  axes: Matrix
  /** Share of the total variance along each axis, 0 to 1. All 0 where the vectors do not differ. */
  variance: Float32Array
}

export interface PcaOptions {
  /** At least 1, at most the number of columns. Axes beyond the rank of the vectors are arbitrary and have variance 0. */
  components: number
  rng: Rng
  /** At most so many rows, drawn without repetition, decide the axes. 20 000 when absent. */
  sampleRows?: number
}

const blockRows = 2048
const oversampling = 10
const iterations = 10

/**
 * Principal component analysis without a covariance matrix: randomised subspace iteration on the centred rows, ten rounds with ten
 * directions to spare (Halko, Martinsson & Tropp 2011, "Finding structure with randomness", algorithm 4.4, here on XᵀX),
 * then Rayleigh-Ritz. Throws INPUT_INVALID for no rows or a number of components out of range, CANCELLED on abort.
 */
export async function fitPca(vectors: Matrix, options: PcaOptions, work: LongWork = {}): Promise<Pca> {
  const { components, rng, sampleRows = 20_000 } = options
  const { rows, columns } = vectors
  if (rows === 0)
    throw new FoveaError('INPUT_INVALID', 'Expected at least one vector to find principal axes of, got none.')
  if (!Number.isInteger(components) || components < 1 || components > columns)
    throw new FoveaError('INPUT_INVALID', `Expected 1 to ${columns} principal components, got ${components}.`)
  const sample = copyRows(vectors, drawRowNumbers(rows, Math.max(1, sampleRows), rng))
  const mean = centerRows(sample)
  const width = Math.min(columns, components + oversampling)
  let basis = Float64Array.from({ length: width * columns }, () => rng.normal())
  orthonormalizeRows(basis, width, columns, rng)
  for (let round = 0; round < iterations; round++) {
    basis = (await applyCovariance(sample, basis, width, work)).product
    orthonormalizeRows(basis, width, columns, rng)
    work.progress?.report({ stage: 'principal axes', done: round + 1, total: iterations, unit: 'rounds' })
  }
  const { gram } = await applyCovariance(sample, basis, width, work)
  const { values, vectors: turn } = decomposeSymmetric(gram, width)
  const axes = new Float32Array(components * columns)
  for (let c = 0; c < components; c++) {
    let largest = 0
    const axis = new Float64Array(columns)
    for (let d = 0; d < columns; d++) {
      let sum = 0
      for (let i = 0; i < width; i++) sum += turn[c * width + i]! * basis[i * columns + d]!
      axis[d] = sum
      if (Math.abs(sum) > Math.abs(largest)) largest = sum
    }
    for (let d = 0; d < columns; d++) axes[c * columns + d] = largest < 0 ? -axis[d]! : axis[d]!
  }
  let total = 0
  for (const value of sample.data) total += value * value
  const variance = Float32Array.from({ length: components }, (_, c) =>
    total > 0 ? Math.min(1, Math.max(0, values[c]! / total)) : 0,
  )
  return { mean, axes: { rows: components, columns, data: axes }, variance }
}

/** Coordinates of `vectors` along the axes, [rows × components]. Throws INPUT_INVALID when the widths differ. */
export async function projectPca({ mean, axes }: Pca, vectors: Matrix, work: LongWork = {}): Promise<Matrix> {
  if (vectors.columns !== axes.columns)
    throw new FoveaError('INPUT_INVALID', `Expected vectors of ${axes.columns} numbers, got ${vectors.columns}.`)
  const { rows } = vectors
  const data = new Float32Array(rows * axes.rows)
  const offset = (await multiplyTransposed({ rows: 1, columns: axes.columns, data: mean }, axes)).data
  for (let from = 0; from < rows; from += blockRows) {
    const to = Math.min(rows, from + blockRows)
    const block = (await multiplyTransposed(sliceRows(vectors, from, to), axes)).data
    for (let i = 0; i < block.length; i++) data[from * axes.rows + i] = block[i]! - offset[i % axes.rows]!
    work.progress?.report({ stage: 'projecting', done: to, total: rows, unit: 'vectors' })
    await giveTurn(work)
  }
  return { rows, columns: axes.rows, data }
}

/** Takes the mean off every row in place, and returns it. */
function centerRows({ rows, columns, data }: Matrix): Float32Array {
  const sum = new Float64Array(columns)
  for (let r = 0, at = 0; r < rows; r++) for (let d = 0; d < columns; d++) sum[d]! += data[at++]!
  const mean = Float32Array.from(sum, (value) => value / rows)
  for (let r = 0, at = 0; r < rows; r++) for (let d = 0; d < columns; d++) data[at++]! -= mean[d]!
  return mean
}

/** `basis`·XᵀX [width × columns] and `basis`·XᵀX·`basis`ᵀ [width × width], X being the rows of `sample`. */
async function applyCovariance(
  sample: Matrix,
  basis: Float64Array,
  width: number,
  work: LongWork,
): Promise<{ product: Float64Array<ArrayBuffer>; gram: Float64Array }> {
  const { rows, columns } = sample
  const narrow: Matrix = { rows: width, columns, data: Float32Array.from(basis) }
  const product = new Float64Array(width * columns)
  const gram = new Float64Array(width * width)
  for (let from = 0; from < rows; from += blockRows) {
    const block = sliceRows(sample, from, Math.min(rows, from + blockRows))
    const scores = await multiplyTransposed(narrow, block)
    addTo(product, await multiplyTransposed(scores, transpose(block)))
    addTo(gram, await multiplyTransposed(scores, scores))
    await giveTurn(work)
  }
  return { product, gram }
}

function addTo(target: Float64Array, { data }: Matrix): void {
  for (let i = 0; i < target.length; i++) target[i]! += data[i]!
}

function transpose({ rows, columns, data }: Matrix): Matrix {
  const turned = new Float32Array(rows * columns)
  const tile = 32
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(rows, top + tile)
    for (let d = 0; d < columns; d++) for (let r = top; r < bottom; r++) turned[d * rows + r] = data[r * columns + d]!
  }
  return { rows: columns, columns: rows, data: turned }
}
