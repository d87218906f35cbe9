import type { LongWork, NeighbourGraph } from '../types.ts'
import { giveTurn } from './turn.ts'

const rowsPerTurn = 2048

/**
 * Chance that a row picks each neighbour, [rows × k], every row summing to 1: exp(−β·d) with β such that the entropy is the logarithm of
 * `perplexity`, or of a third of the row's neighbours where that is less (van der Maaten 2014, section 4.1), by bisection. Rows without
 * neighbours get 0.
 */
export async function findAffinities(
  { rows, k, ids, distances }: NeighbourGraph,
  perplexity: number,
  work: LongWork,
): Promise<Float32Array> {
  const chances = new Float32Array(rows * k)
  for (let r = 0; r < rows; r++) {
    let count = 0
    while (count < k && ids[r * k + count]! >= 0) count++
    const own = distances.subarray(r * k, r * k + count)
    const out = chances.subarray(r * k, r * k + count)
    fitRow(own, out, Math.log(Math.max(1, Math.min(perplexity, count / 3))))
    if (r % rowsPerTurn === rowsPerTurn - 1) await giveTurn(work)
  }
  return chances
}

/** Writes the chances of one row. Distances count from the nearest, which leaves the chances as they are and keeps exp in range. */
function fitRow(distances: Float32Array, chances: Float32Array, entropy: number): void {
  const nearest = distances[0] ?? 0
  const farthest = distances.at(-1) ?? 0
  if (farthest <= nearest) {
    chances.fill(1 / chances.length)
    return
  }
  let low = 0
  let high = Infinity
  let beta = 1 / (farthest - nearest)
  for (let round = 0; round < 100; round++) {
    let sum = 0
    let weighted = 0
    for (let i = 0; i < distances.length; i++) {
      const beyond = distances[i]! - nearest
      const chance = Math.exp(-beta * beyond)
      chances[i] = chance
      sum += chance
      weighted += chance * beyond
    }
    for (let i = 0; i < distances.length; i++) chances[i]! /= sum
    const excess = Math.log(sum) + (beta * weighted) / sum - entropy
    if (Math.abs(excess) < 1e-5) return
    if (excess > 0) low = beta
    else high = beta
    beta = high === Infinity ? beta * 2 : (low + high) / 2
  }
}
