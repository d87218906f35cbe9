import { FoveaError, type Rng } from '#base'
import { multiplyTransposed, sliceRows } from '../linear/matmul.ts'
import type { LongWork, Matrix } from '../types.ts'
import { copyRows, drawRowNumbers } from './draw.ts'
import { giveTurn } from './turn.ts'

export interface TrustworthinessOptions {
  /** Neighbours compared, fewer than half of the rows. 15 when absent. */
  k?: number
  /** At most so many rows, drawn without repetition, are asked for their neighbours (among all rows). 2000 when absent. */
  sampleRows?: number
  rng: Rng
}

const blockValues = 1 << 24
const slabRows = 65_536

/**
 * Trustworthiness of a layout [rows × 2] of unit vectors, 0 to 1 (Venna & Kaski 2001, "Neighborhood preservation in nonlinear
 * projection methods"): 1 when the `k` nearest of every row in the layout are among its `k` nearest by cosine distance, less the
 * further away the false ones are. The value of sklearn.manifold.trustworthiness where all rows are asked, an estimate of it
 * otherwise; rows at equal distance share the better rank. Throws INPUT_INVALID when shapes do not fit, CANCELLED on abort.
 */
export async function measureTrustworthiness(
  vectors: Matrix,
  layout: Matrix,
  { k = 15, sampleRows = 2000, rng }: TrustworthinessOptions,
  work: LongWork = {},
): Promise<number> {
  const { rows } = vectors
  if (layout.rows !== rows || layout.columns !== 2)
    throw new FoveaError('INPUT_INVALID', `Expected a layout of ${rows} × 2, got ${layout.rows} × ${layout.columns}.`)
  if (!Number.isInteger(k) || k < 1 || k >= rows / 2)
    throw new FoveaError('INPUT_INVALID', `Expected at least one neighbour and fewer than ${rows / 2}, got ${k}.`, {
      hint: 'Compare fewer neighbours, or measure a layout of more rows.',
    })
  const asked = drawRowNumbers(rows, sampleRows, rng)
  const blockRows = Math.max(1, Math.min(256, Math.floor(blockValues / rows)))
  const nearest = new Int32Array(k)
  let penalty = 0
  for (let from = 0; from < asked.length; from += blockRows) {
    const block = asked.subarray(from, from + blockRows)
    const similarities = await compareWithAll(vectors, block, work)
    for (const [i, row] of block.entries()) {
      findNearestPoints(layout.data, rows, row, nearest)
      penalty += sumExcessRanks(similarities.subarray(i * rows, (i + 1) * rows), row, nearest)
      if (i % 16 === 15) await giveTurn(work)
    }
    const done = from + block.length
    work.progress?.report({ stage: 'trustworthiness', done, total: asked.length, unit: 'rows' })
  }
  return 1 - (2 * penalty) / (asked.length * k * (2 * rows - 3 * k - 1))
}

/** Cosine of the rows `block` with every row, [block × rows]. */
async function compareWithAll(vectors: Matrix, block: Int32Array, work: LongWork): Promise<Float32Array> {
  const { rows } = vectors
  const picked = copyRows(vectors, block)
  const all = new Float32Array(block.length * rows)
  for (let from = 0; from < rows; from += slabRows) {
    const slab = await multiplyTransposed(picked, sliceRows(vectors, from, Math.min(rows, from + slabRows)))
    for (let i = 0; i < block.length; i++)
      all.set(slab.data.subarray(i * slab.columns, (i + 1) * slab.columns), i * rows + from)
    await giveTurn(work)
  }
  return all
}

/** Fills `nearest` with the points of the plane nearest to point `row`, nearest first; the lower number first where equal. */
function findNearestPoints(points: Float32Array, count: number, row: number, nearest: Int32Array): void {
  const k = nearest.length
  const distances = new Float64Array(k).fill(Infinity)
  const x = points[row * 2]!
  const y = points[row * 2 + 1]!
  for (let other = 0; other < count; other++) {
    const dx = points[other * 2]! - x
    const dy = points[other * 2 + 1]! - y
    const distance = dx * dx + dy * dy
    if (!(distance < distances[k - 1]!) || other === row) continue
    let at = k - 1
    for (; at > 0 && distances[at - 1]! > distance; at--) {
      distances[at] = distances[at - 1]!
      nearest[at] = nearest[at - 1]!
    }
    distances[at] = distance
    nearest[at] = other
  }
}

/** Σ max(0, rank − k) over `nearest`, the rank being a row's place among all others by falling similarity, from 1. */
function sumExcessRanks(similarities: Float32Array, row: number, nearest: Int32Array): number {
  const k = nearest.length
  const bounds = Float32Array.from(nearest, (other) => similarities[other]!).sort()
  const counts = new Int32Array(k + 1)
  for (let other = 0; other < similarities.length; other++) {
    if (other === row) continue
    const similarity = similarities[other]!
    let below = 0
    while (below < k && bounds[below]! < similarity) below++
    counts[below]!++
  }
  let sum = 0
  let closer = 0
  for (let i = k; i > 0; i--) {
    closer += counts[i]!
    // `bounds[i - 1]` has `closer` rows that are more similar.
    sum += Math.max(0, closer + 1 - k)
  }
  return sum
}
