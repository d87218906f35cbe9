import type { LongWork, NeighbourGraph } from '../types.ts'
import { giveTurn } from './turn.ts'

/** Weighted edges, sorted by head. Symmetric ones hold each pair in both directions. */
export interface Edges {
  heads: Int32Array
  tails: Int32Array
  weights: Float32Array
}

const tolerance = 1e-5
const leastScale = 1e-3
const rowsPerTurn = 2048

/**
 * Membership strength of every neighbour, [rows × k], 0 to 1, with exp(−(d − ρ)/σ) beyond ρ and 1 up to it: ρ is the distance of the
 * nearest neighbour that does not coincide (or 0 when `connected` is false), σ makes the strengths of a row sum to log2 of
 * one more than its neighbours (McInnes, Healy & Melville 2018, algorithm 3, with the floors of umap-learn 0.5).
 * Missing neighbours get 0.
 */
export async function findMemberships(
  { rows, k, ids, distances }: NeighbourGraph,
  connected: boolean,
  work: LongWork,
): Promise<Float32Array> {
  const strengths = new Float32Array(rows * k)
  const counts = countNeighbours({ rows, k, ids, distances })
  const overall = findMean(distances)
  for (let r = 0; r < rows; r++) {
    const own = distances.subarray(r * k, r * k + counts[r]!)
    const rho = connected ? (own.find((distance) => distance > 0) ?? 0) : 0
    const floor = leastScale * (rho > 0 ? findMean(own) : overall)
    const sigma = Math.max(floor, findScale(own, rho))
    for (let i = 0; i < own.length; i++) {
      const beyond = own[i]! - rho
      strengths[r * k + i] = beyond <= 0 || sigma === 0 ? 1 : Math.exp(-beyond / sigma)
    }
    if (r % rowsPerTurn === rowsPerTurn - 1) await giveTurn(work)
  }
  return strengths
}

function countNeighbours({ rows, k, ids }: NeighbourGraph): Int32Array {
  return Int32Array.from({ length: rows }, (_, r) => {
    let count = 0
    while (count < k && ids[r * k + count]! >= 0) count++
    return count
  })
}

function findMean(distances: Float32Array): number {
  let sum = 0
  let count = 0
  for (const distance of distances) {
    if (distance === Infinity) continue
    sum += distance
    count++
  }
  return count > 0 ? sum / count : 0
}

/** σ by bisection, 64 steps at most. */
function findScale(distances: Float32Array, rho: number): number {
  const target = Math.log2(distances.length + 1)
  let low = 0
  let high = Infinity
  let scale = 1
  for (let step = 0; step < 64; step++) {
    let sum = 0
    for (let i = 0; i < distances.length; i++) {
      const beyond = distances[i]! - rho
      sum += beyond > 0 ? Math.exp(-beyond / scale) : 1
    }
    if (Math.abs(sum - target) < tolerance) break
    if (sum > target) high = scale
    else low = scale
    scale = high === Infinity ? scale * 2 : (low + high) / 2
  }
  return scale
}

/** Edges in both directions of every pair that is a neighbour in one, with `combine` of its two weights (0 for none). */
export async function uniteEdges(
  { rows, k, ids }: NeighbourGraph,
  weights: Float32Array,
  combine: (one: number, other: number) => number,
  work: LongWork,
): Promise<Edges> {
  const starts = new Int32Array(rows + 1)
  const back = new Float32Array(rows * k)
  const mutual = new Uint8Array(rows * k)
  for (let r = 0; r < rows; r++) {
    for (let at = r * k; at < (r + 1) * k; at++) {
      const other = ids[at]!
      if (other < 0) continue
      for (let i = other * k; i < (other + 1) * k; i++) {
        if (ids[i] !== r) continue
        back[at] = weights[i]!
        mutual[at] = 1
        break
      }
      starts[r + 1]!++
      if (mutual[at] === 0) starts[other + 1]!++
    }
    if (r % rowsPerTurn === rowsPerTurn - 1) await giveTurn(work)
  }
  for (let r = 0; r < rows; r++) starts[r + 1]! += starts[r]!
  const count = starts[rows]!
  const edges = { heads: new Int32Array(count), tails: new Int32Array(count), weights: new Float32Array(count) }
  const put = (head: number, tail: number, weight: number): void => {
    const at = starts[head]!++
    edges.heads[at] = head
    edges.tails[at] = tail
    edges.weights[at] = weight
  }
  for (let r = 0; r < rows; r++) {
    for (let at = r * k; at < (r + 1) * k; at++) {
      const other = ids[at]!
      if (other < 0) continue
      const weight = combine(weights[at]!, back[at]!)
      put(r, other, weight)
      if (mutual[at] === 0) put(other, r, weight)
    }
    if (r % rowsPerTurn === rowsPerTurn - 1) await giveTurn(work)
  }
  return edges
}
