import { FoveaError, type Rng } from '#base'
import type { LongWork, Matrix, NeighbourGraph } from '../types.ts'
import { fitCurve } from './curve.ts'
import { createDescent, dropWeakEdges, sampleEdges, type Descent } from './descent.ts'
import { findMemberships, uniteEdges } from './membership.ts'
import { averageNeighbours, checkPlane } from './place.ts'
import { giveTurn } from './turn.ts'

export interface UmapOptions {
  rng: Rng
  /** Rounds of descent. When absent: 500 up to 10 000 rows and 200 beyond; for placing 100 and 30. */
  epochs?: number
  /** How near points may lie in the layout, in its units. 0.1 when absent. */
  minDist?: number
  /** Scale of the layout; more than `minDist`. 1 when absent. */
  spread?: number
  /** Random points that push for each edge that pulls. 5 when absent. */
  negatives?: number
}

const manyRows = 10_000
const edgesPerTurn = 1 << 17
const reach = 10

/**
 * UMAP layout [rows × 2] of a neighbour graph (McInnes, Healy & Melville 2018), as umap-learn 0.5 lays out with `n_neighbors` one more
 * than the graph's k (it counts a row among its own). `initial` [rows × 2], such as the first principal coordinates, is scaled to ±10
 * and gets noise of 0.0001, so that rows which coincide part. The same graph, start and seed give the same layout.
 * Throws INPUT_INVALID when shapes or options do not fit, CANCELLED on abort.
 */
export async function layoutUmap(
  graph: NeighbourGraph,
  initial: Matrix,
  options: UmapOptions,
  work: LongWork = {},
): Promise<Matrix> {
  checkPlane(initial, graph.rows, 'a start')
  const { minDist, spread, negatives, rng } = checkOptions(options)
  const epochs = options.epochs ?? (graph.rows <= manyRows ? 500 : 200)
  const memberships = await findMemberships(graph, true, work)
  const united = await uniteEdges(graph, memberships, (one, other) => one + other - one * other, work)
  const points = scaleStart(initial, rng)
  const edges = dropWeakEdges(united, epochs)
  await giveTurn(work)
  const descent = createDescent({
    heads: points,
    tails: points,
    edges,
    negatives,
    curve: fitCurve(minDist, spread),
    seed: rng.integer(1, 0x7fffffff),
  })
  await runDescent(descent, epochs, 1, work)
  return { rows: graph.rows, columns: 2, data: points }
}

/**
 * Places new rows into a UMAP layout without moving what is there: `graph` names for each new row its neighbours among the rows of
 * `layout`. A row starts at the mean of its neighbours weighted by membership, then descends with a quarter of the learning
 * rate, as transform of umap-learn 0.5 does. `minDist` and `spread` have to be those of the layout.
 * Throws INPUT_INVALID when shapes or options do not fit, CANCELLED on abort.
 */
export async function placeUmap(
  graph: NeighbourGraph,
  layout: Matrix,
  options: UmapOptions,
  work: LongWork = {},
): Promise<Matrix> {
  checkPlane(layout, layout.rows, 'a layout')
  const { minDist, spread, negatives, rng } = checkOptions(options)
  const epochs = options.epochs ?? (graph.rows <= manyRows ? 100 : 30)
  const memberships = await findMemberships(graph, false, work)
  const placed = averageNeighbours(graph, memberships, layout)
  const edges = {
    heads: graph.ids.map((_, at) => Math.floor(at / graph.k)),
    tails: graph.ids,
    weights: memberships,
  }
  const descent = createDescent({
    heads: placed.data,
    tails: layout.data.subarray(0, layout.rows * 2),
    edges: dropWeakEdges(edges, epochs),
    negatives,
    curve: fitCurve(minDist, spread),
    seed: rng.integer(1, 0x7fffffff),
  })
  await runDescent(descent, epochs, 0.25, work)
  return placed
}

/** All epochs with the learning rate falling from `rate` to 0. */
async function runDescent(descent: Descent, epochs: number, rate: number, work: LongWork): Promise<void> {
  const count = descent.edges.heads.length
  let sinceTurn = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    const alpha = rate * (1 - Math.max(0, epoch - 1) / epochs)
    for (let from = 0; from < count; from += edgesPerTurn) {
      const to = Math.min(count, from + edgesPerTurn)
      sampleEdges(descent, from, to, epoch, alpha)
      sinceTurn += to - from
      if (sinceTurn < edgesPerTurn) continue
      sinceTurn = 0
      await giveTurn(work)
    }
    work.progress?.report({ stage: 'layout', done: epoch + 1, total: epochs, unit: 'epochs' })
  }
  await giveTurn(work)
}

function scaleStart({ rows, data }: Matrix, rng: Rng): Float32Array {
  let largest = 0
  for (const value of data) largest = Math.max(largest, Math.abs(value))
  const factor = largest > 0 ? reach / largest : 0
  return data.subarray(0, rows * 2).map((value) => value * factor + rng.normal(0, 1e-4))
}

function checkOptions({ minDist = 0.1, spread = 1, negatives = 5, epochs = 1, rng }: UmapOptions) {
  if (!(minDist >= 0 && minDist < spread && spread < Infinity))
    throw new FoveaError('INPUT_INVALID', `Expected 0 ≤ minDist < spread, got ${minDist} and ${spread}.`)
  if (!Number.isInteger(epochs) || epochs < 1)
    throw new FoveaError('INPUT_INVALID', `Expected at least one epoch, got ${epochs}.`)
  if (!Number.isInteger(negatives) || negatives < 1)
    throw new FoveaError('INPUT_INVALID', `Expected at least one negative sample, got ${negatives}.`)
  return { minDist, spread, negatives, rng }
}
