import { FoveaError, type Rng } from '#base'
import { fitKMeans } from '../clusters/kmeans.ts'
import type { LongWork, Matrix, NeighbourGraph } from '../types.ts'

const outlierNeighbours = 10
const outlierSpread = 1.7
const uniquenessWeights = [0.6, 0.3, 0.1] as const

export interface OutlierScores {
  /** Mean cosine distance to the 10 nearest others, 0 to 2; to fewer where fewer exist, 0 where none does. */
  score: Float32Array
  /** 1 where the score is above the threshold. */
  outlier: Uint8Array
  /** Q3 + 1.7·(Q3 − Q1) of the scores; Infinity for an empty set. */
  threshold: number
}

/**
 * How far every row lies from its 10 nearest neighbours, and which lie too far by the rule of Datalab (cleanlab):
 * above Q3 + 1.7·IQR, quartiles with linear interpolation (numpy's default). Throws INTERNAL for a graph that
 * leaves out some of those 10.
 */
export function scoreOutliers(graph: NeighbourGraph): OutlierScores {
  const score = new Float32Array(graph.rows)
  requireNeighbours(graph, outlierNeighbours)
  for (let r = 0; r < graph.rows; r++) {
    let sum = 0
    let count = 0
    const end = r * graph.k + Math.min(graph.k, outlierNeighbours)
    for (let i = r * graph.k; i < end && graph.ids[i]! >= 0; i++, count++) sum += graph.distances[i]!
    score[r] = count === 0 ? 0 : sum / count
  }
  const sorted = score.toSorted()
  const low = interpolateQuantile(sorted, 0.25)
  const high = interpolateQuantile(sorted, 0.75)
  const threshold = sorted.length === 0 ? Infinity : high + outlierSpread * (high - low)
  return { score, outlier: Uint8Array.from(score, (value) => (value > threshold ? 1 : 0)), threshold }
}

/**
 * How little every row has in common with the rest, 0 to 1, as FiftyOne Brain's `compute_uniqueness`: 0.6, 0.3 and
 * 0.1 times the cosine distances to the three nearest neighbours, divided by the largest sum in the set. All 0 where
 * every row has copies. A neighbour that does not exist counts like the farthest that does. Throws INTERNAL for a
 * graph that leaves out some of those 3.
 */
export function scoreUniqueness(graph: NeighbourGraph): Float32Array {
  const score = new Float32Array(graph.rows)
  requireNeighbours(graph, uniquenessWeights.length)
  let largest = 0
  for (let r = 0; r < graph.rows; r++) {
    let sum = 0
    let distance = 0
    for (const [i, weight] of uniquenessWeights.entries()) {
      if (i < graph.k && graph.ids[r * graph.k + i]! >= 0) distance = graph.distances[r * graph.k + i]!
      sum += weight * distance
    }
    score[r] = sum
    if (sum > largest) largest = sum
  }
  return largest > 0 ? score.map((value) => Math.min(1, value / largest)) : score
}

export interface RepresentativenessOptions {
  /** Number of k-means centres; as many as there are rows when those are fewer. 20 in FiftyOne. */
  clusters: number
  rng: Rng
}

/**
 * How typical every row is of its surroundings, 0 to 1: 1 − d/D, with d its Euclidean distance to the nearest of the
 * k-means centres and D the largest such distance in the same cluster, so that 1 is at a centre and 0 at a cluster's
 * rim (1 for a cluster whose rows are all alike). FiftyOne Brain's `compute_representativeness` ("cluster-center",
 * normalised within clusters) stores d/D itself: the same order, turned round.
 */
export async function scoreRepresentativeness(
  vectors: Matrix,
  { clusters, rng }: RepresentativenessOptions,
  work: LongWork = {},
): Promise<Float32Array> {
  const { rows, columns, data } = vectors
  if (rows === 0) return new Float32Array(0)
  const { centres, assignment } = await fitKMeans(vectors, { k: Math.min(rows, clusters), rng }, work)
  const rims = new Float64Array(centres.rows)
  const distances = new Float64Array(rows)
  for (let r = 0, at = 0; r < rows; r++) {
    const c = assignment[r]!
    let sum = 0
    for (let d = 0, to = c * columns; d < columns; d++) sum += (data[at++]! - centres.data[to++]!) ** 2
    distances[r] = Math.sqrt(sum)
    if (distances[r]! > rims[c]!) rims[c] = distances[r]!
  }
  // A mean of equal rows differs from them by rounding alone.
  const alike = 1e-5
  return Float32Array.from(distances, (distance, r) => {
    const rim = rims[assignment[r]!]!
    return rim > alike ? 1 - distance / rim : 1
  })
}

/**
 * How unsure a model is of every row, 0 to 1: the entropy of its class probabilities in nats divided by ln K
 * (FiftyOne Brain's `compute_hardness` is the entropy alone). `probabilities` is [rows × K], K ≥ 2, each row summing
 * to 1 within 1 %; rows are normalised first. Throws INPUT_INVALID naming the first row that is no distribution.
 */
export function scoreHardness({ rows, columns, data }: Matrix): Float32Array {
  if (columns < 2 && rows > 0)
    throw new FoveaError('INPUT_INVALID', `Expected probabilities of at least 2 classes, got ${columns}.`)
  const score = new Float32Array(rows)
  for (let r = 0; r < rows; r++) {
    let sum = 0
    let entropy = 0
    for (let at = r * columns; at < (r + 1) * columns; at++) {
      const p = data[at]!
      if (!(p >= 0)) sum = NaN
      sum += p
      if (p > 0) entropy -= p * Math.log(p)
    }
    if (!(Math.abs(sum - 1) <= 0.01)) throw notDistribution(r, data.subarray(r * columns, (r + 1) * columns))
    // Entropy of p/s is H(p)/s + ln s.
    score[r] = Math.min(1, Math.max(0, (entropy / sum + Math.log(sum)) / Math.log(columns)))
  }
  return score
}

function notDistribution(row: number, values: Float32Array): FoveaError {
  const shown = Array.from(values.subarray(0, 5), (value) => Number(value.toPrecision(3)))
  const more = values.length > shown.length ? ', …' : ''
  return new FoveaError(
    'INPUT_INVALID',
    `Expected probabilities from 0 to 1 that sum to 1, got ${shown.join(', ')}${more} in row ${row}.`,
    { hint: 'Turn logits into probabilities by softmax before scoring.', details: { row } },
  )
}

/** A set of few rows has fewer neighbours to know of. */
function requireNeighbours({ k, rows }: NeighbourGraph, needed: number): void {
  if (k < Math.min(needed, rows - 1))
    throw new FoveaError('INTERNAL', `Expected a graph of at least ${needed} neighbours, got ${k}.`)
}

/**
 * Quantile of ascending values, interpolated linearly between order statistics (type 7 of Hyndman & Fan 1996). NaN
 * for none.
 */
function interpolateQuantile(sorted: Float32Array, share: number): number {
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? NaN
  const above = sorted[Math.ceil(at)] ?? NaN
  return below + (above - below) * (at - Math.floor(at))
}
