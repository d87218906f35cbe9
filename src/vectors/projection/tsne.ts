import { FoveaError, type Rng } from '#base'
import type { LongWork, Matrix, NeighbourGraph } from '../types.ts'
import { findMemberships, uniteEdges, type Edges } from './membership.ts'
import { findAffinities } from './perplexity.ts'
import { averageNeighbours, checkPlane } from './place.ts'
import { allocateQuadtree, fillQuadtree, type Quadtree } from './quadtree.ts'
import { giveTurn } from './turn.ts'

export interface TsneOptions {
  rng: Rng
  /** Effective number of neighbours, 30 when absent; never more than a third of the graph's k, so 30 needs 90 neighbours. */
  perplexity?: number
  /** Rounds of descent, the first 250 with exaggeration. 1000 when absent. */
  iterations?: number
}

const exaggeration = 12
const exaggerated = 250
const squareTheta = 0.25
const leastGain = 0.01
const pointsPerTurn = 8192

/**
 * Barnes-Hut t-SNE layout [rows × 2] of a neighbour graph (van der Maaten 2014, "Accelerating t-SNE using tree-based algorithms"), with θ
 * 0.5 and the schedule of scikit-learn: early exaggeration 12, momentum 0.5 then 0.8, gains, learning rate rows/48 but at
 * least 50. The squared distance of unit vectors is twice their cosine distance, and the fit to the perplexity takes up the
 * factor. `initial` [rows × 2], such as the first principal coordinates, is scaled to a deviation of 0.0001 along its first axis.
 * The same graph, start and seed give the same layout. Throws INPUT_INVALID when shapes or options do not fit, CANCELLED on abort.
 */
export async function layoutTsne(
  graph: NeighbourGraph,
  initial: Matrix,
  options: TsneOptions,
  work: LongWork = {},
): Promise<Matrix> {
  const { perplexity = 30, iterations = 1000, rng } = options
  const { rows } = graph
  checkPlane(initial, rows, 'a start')
  if (!(perplexity >= 1 && perplexity < Infinity))
    throw new FoveaError('INPUT_INVALID', `Expected a perplexity of at least 1, got ${perplexity}.`)
  if (!Number.isInteger(iterations) || iterations < 1)
    throw new FoveaError('INPUT_INVALID', `Expected at least one iteration, got ${iterations}.`)
  const affinities = await findAffinities(graph, perplexity, work)
  const edges = await uniteEdges(graph, affinities, (one, other) => (one + other) / (2 * rows), work)
  const state = createState(edges, scaleStart(initial, rng))
  for (let round = 0; round < iterations; round++) {
    fillQuadtree(state.tree, state.points)
    let sum = 0
    for (let from = 0; from < rows; from += pointsPerTurn) {
      sum += repel(state, from, Math.min(rows, from + pointsPerTurn))
      attract(state, from, Math.min(rows, from + pointsPerTurn))
      await giveTurn(work)
    }
    step(state, sum, round < exaggerated)
    work.progress?.report({ stage: 'layout', done: round + 1, total: iterations, unit: 'rounds' })
  }
  return { rows, columns: 2, data: Float32Array.from(state.points) }
}

/**
 * Places new rows into a layout without moving what is there: `graph` names for each new row its neighbours among the rows of `layout`,
 * and the row goes to their mean weighted by membership strength. Throws INPUT_INVALID when the layout is not [rows × 2].
 */
export async function placeTsne(graph: NeighbourGraph, layout: Matrix, work: LongWork = {}): Promise<Matrix> {
  checkPlane(layout, layout.rows, 'a layout')
  return averageNeighbours(graph, await findMemberships(graph, false, work), layout)
}

interface State {
  edges: Edges
  /** Where the edges of each head start, and end at the next. */
  starts: Int32Array
  points: Float64Array
  pulls: Float64Array
  pushes: Float64Array
  steps: Float64Array
  gains: Float64Array
  tree: ReturnType<typeof allocateQuadtree>
}

function createState(edges: Edges, points: Float64Array): State {
  const rows = points.length / 2
  const starts = new Int32Array(rows + 1)
  for (const head of edges.heads) starts[head + 1]!++
  for (let r = 0; r < rows; r++) starts[r + 1]! += starts[r]!
  return {
    edges,
    starts,
    points,
    pulls: new Float64Array(rows * 2),
    pushes: new Float64Array(rows * 2),
    steps: new Float64Array(rows * 2),
    gains: new Float64Array(rows * 2).fill(1),
    tree: allocateQuadtree(rows),
  }
}

function scaleStart({ rows, data }: Matrix, rng: Rng): Float64Array {
  let sum = 0
  let square = 0
  for (let r = 0; r < rows; r++) {
    sum += data[r * 2]!
    square += data[r * 2]! ** 2
  }
  const deviation = Math.sqrt(Math.max(0, square / rows - (sum / rows) ** 2))
  const factor = deviation > 0 ? 1e-4 / deviation : 0
  return Float64Array.from(data.subarray(0, rows * 2), (value) => value * factor + rng.normal(0, 1e-7))
}

/** Pushes of all points on those at the places `from` to `to` of the tree's order, not yet divided by their sum Σ 1/(1 + d²), whose part it returns. */
function repel({ tree, pushes }: State, from: number, to: number): number {
  const { cells, after, first, last, squareWidth, middleX, middleY, order, xs, ys }: Quadtree = tree
  let total = 0
  for (let place = from; place < to; place++) {
    const x = xs[place]!
    const y = ys[place]!
    let pushX = 0
    let pushY = 0
    for (let cell = 0; cell < cells;) {
      const dx = x - middleX[cell]!
      const dy = y - middleY[cell]!
      const square = dx * dx + dy * dy
      const next = after[cell]!
      if (squareWidth[cell]! < squareTheta * square) {
        const count = last[cell]! - first[cell]!
        const closeness = 1 / (1 + square)
        total += count * closeness
        pushX += count * closeness * closeness * dx
        pushY += count * closeness * closeness * dy
        cell = next
      } else if (next === cell + 1) {
        const end = last[cell]!
        for (let other = first[cell]!; other < end; other++) {
          const ox = x - xs[other]!
          const oy = y - ys[other]!
          const closeness = 1 / (1 + ox * ox + oy * oy)
          total += closeness
          pushX += closeness * closeness * ox
          pushY += closeness * closeness * oy
        }
        cell = next
      } else cell++
    }
    // The point itself was among those in reach, at distance 0.
    total -= 1
    pushes[order[place]! * 2] = pushX
    pushes[order[place]! * 2 + 1] = pushY
  }
  return total
}

/** Pulls of their edges on the points `from` to `to`. */
function attract({ edges, starts, points, pulls }: State, from: number, to: number): void {
  const { tails, weights } = edges
  for (let head = from; head < to; head++) {
    const x = points[head * 2]!
    const y = points[head * 2 + 1]!
    let pullX = 0
    let pullY = 0
    const end = starts[head + 1]!
    for (let edge = starts[head]!; edge < end; edge++) {
      const tail = tails[edge]! * 2
      const dx = x - points[tail]!
      const dy = y - points[tail + 1]!
      const pull = weights[edge]! / (1 + dx * dx + dy * dy)
      pullX += pull * dx
      pullY += pull * dy
    }
    pulls[head * 2] = pullX
    pulls[head * 2 + 1] = pullY
  }
}

/** One step of gradient descent with momentum and gains (Jacobs 1988). */
function step({ points, pulls, pushes, steps, gains }: State, sum: number, early: boolean): void {
  const rate = Math.max(points.length / 2 / exaggeration / 4, 50)
  const momentum = early ? 0.5 : 0.8
  const stretch = early ? exaggeration : 1
  for (let i = 0; i < points.length; i++) {
    const gradient = 4 * (stretch * pulls[i]! - (sum > 0 ? pushes[i]! / sum : 0))
    const gain = steps[i]! * gradient < 0 ? gains[i]! + 0.2 : Math.max(leastGain, gains[i]! * 0.8)
    gains[i] = gain
    const moved = momentum * steps[i]! - rate * gain * gradient
    steps[i] = moved
    points[i]! += moved
  }
}
