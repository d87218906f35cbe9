import type { Curve } from './curve.ts'
import type { Edges } from './membership.ts'

/** One run of stochastic descent over edges. Positions are x, y pairs. */
export interface Descent {
  /** Positions of the heads; they move. */
  heads: Float32Array
  /** Positions of the tails: the same array as `heads`, or others that stay. */
  tails: Float32Array
  edges: Edges
  /** Epochs between two samples of each edge, 1 for the strongest. */
  periods: Float32Array
  nextSample: Float32Array
  nextNegative: Float32Array
  forces: Forces
  negatives: number
  /** State of xorshift32, never 0. */
  random: number
}

export function createDescent(
  options: Pick<Descent, 'heads' | 'tails' | 'edges' | 'negatives'> & { curve: Curve; seed: number },
): Descent {
  const { heads, tails, edges, negatives, curve, seed } = options
  let strongest = 0
  for (let edge = 0; edge < edges.weights.length; edge++) strongest = Math.max(strongest, edges.weights[edge]!)
  const periods = new Float32Array(edges.weights.length)
  const gaps = new Float32Array(periods.length)
  for (let edge = 0; edge < periods.length; edge++) {
    periods[edge] = strongest / edges.weights[edge]!
    gaps[edge] = periods[edge]! / negatives
  }
  return {
    heads,
    tails,
    edges,
    periods,
    nextSample: periods.slice(),
    nextNegative: gaps,
    forces: tabulateForces(curve),
    negatives,
    random: seed | 1,
  }
}

/** The edges that are sampled at least once in all epochs; those of weight 0 are never. */
export function dropWeakEdges({ heads, tails, weights }: Edges, epochs: number): Edges {
  let strongest = 0
  for (let edge = 0; edge < weights.length; edge++) strongest = Math.max(strongest, weights[edge]!)
  const least = Math.max(strongest / epochs, Number.MIN_VALUE)
  let count = 0
  for (let edge = 0; edge < weights.length; edge++) if (weights[edge]! >= least) count++
  const kept = { heads: new Int32Array(count), tails: new Int32Array(count), weights: new Float32Array(count) }
  for (let edge = 0, at = 0; edge < weights.length; edge++) {
    if (!(weights[edge]! >= least)) continue
    kept.heads[at] = heads[edge]!
    kept.tails[at] = tails[edge]!
    kept.weights[at++] = weights[edge]!
  }
  return kept
}

/**
 * Samples the edges `from` to `to` (exclusive) in one epoch: optimize_layout_euclidean of umap-learn 0.5, with steps clipped to ±4 in each
 * direction and coefficients from a table. Each edge due pulls its ends together, then pushes its head from random tails.
 */
export function sampleEdges(descent: Descent, from: number, to: number, epoch: number, alpha: number): void {
  const { heads, tails, periods, nextSample, nextNegative, negatives } = descent
  const { pull, push, bits, float } = descent.forces
  const headOf = descent.edges.heads
  const tailOf = descent.edges.tails
  const moves = heads === tails
  const count = tails.length >> 1
  const scale = count / 4294967296
  let random = descent.random
  for (let edge = from; edge < to; edge++) {
    if (nextSample[edge]! > epoch) continue
    const head = headOf[edge]! << 1
    const tail = tailOf[edge]! << 1
    let x = heads[head]!
    let y = heads[head + 1]!
    let dx = x - tails[tail]!
    let dy = y - tails[tail + 1]!
    let square = dx * dx + dy * dy
    if (square > 0) {
      float[0] = square
      const force = pull[clampIndex(bits[0]!)]!
      const stepX = alpha * clip(force * dx)
      const stepY = alpha * clip(force * dy)
      x += stepX
      y += stepY
      if (moves) {
        tails[tail]! -= stepX
        tails[tail + 1]! -= stepY
      }
    }
    const period = periods[edge]!
    nextSample[edge]! += period
    const gap = period / negatives
    const pushes = ((epoch - nextNegative[edge]!) / gap) | 0
    for (let p = 0; p < pushes; p++) {
      random ^= random << 13
      random ^= random >>> 17
      random ^= random << 5
      const other = ((random >>> 0) * scale) << 1
      dx = x - tails[other]!
      dy = y - tails[other + 1]!
      square = dx * dx + dy * dy
      if (square === 0 || (moves && other === head)) continue
      float[0] = square
      const force = push[clampIndex(bits[0]!)]!
      x += alpha * clip(force * dx)
      y += alpha * clip(force * dy)
    }
    nextNegative[edge]! += pushes * gap
    heads[head] = x
    heads[head + 1] = y
  }
  descent.random = random
}

function clip(step: number): number {
  return step > 4 ? 4 : step < -4 ? -4 : step
}

/**
 * Coefficients by squared distance, for 2^−40 to 2^40 in steps of 2^−9 of an octave's start: the upper bits of a float are the index.
 * The value is that at the middle of a step, at most 0.1 % off.
 */
interface Forces {
  pull: Float32Array
  push: Float32Array
  float: Float32Array
  bits: Int32Array
}

const shift = 14
const lowest = (127 - 40) << (23 - shift)
const size = 80 << (23 - shift)

function clampIndex(bits: number): number {
  const index = (bits >> shift) - lowest
  return index < 0 ? 0 : index >= size ? size - 1 : index
}

function tabulateForces({ a, b }: Curve): Forces {
  const float = new Float32Array(1)
  const bits = new Int32Array(float.buffer)
  const pull = new Float32Array(size)
  const push = new Float32Array(size)
  for (let i = 0; i < size; i++) {
    bits[0] = ((i + lowest) << shift) | (1 << (shift - 1))
    const square = float[0]!
    const spread = a * square ** b + 1
    pull[i] = (-2 * a * b * square ** (b - 1)) / spread
    push[i] = (2 * b) / ((0.001 + square) * spread)
  }
  return { pull, push, float, bits }
}
