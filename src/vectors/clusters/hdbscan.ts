import { FoveaError } from '#base'
import type { LongWork, Matrix } from '../types.ts'
import { selectClusters, type Selection } from './condensed.ts'
import { buildKdTree, measureCores } from './kdtree.ts'
import { spanByPairs, spanByTree } from './spanning.ts'

export interface HdbscanOptions {
  /** The fewest points that make a cluster, at least 2. */
  minClusterSize: number
  /**
   * Points, itself among them, that lie within the core distance of a point; higher calls more of them noise.
   * `minClusterSize` when absent.
   */
  minSamples?: number
  /** 'eom' (excess of mass, the default) keeps the most stable clusters of any size; 'leaf' the finest ones. */
  selection?: Selection
}

export interface Hdbscan {
  /** −1 for noise, else 0 to clusters − 1, the largest first. */
  assignment: Int32Array
  /** How deep in its cluster a point lies, 0 to 1; 0 for noise. */
  probability: Float32Array
  clusters: number
}

const treeDimensions = 8
const maxDimensions = 50
const maxRowsByPairs = 10_000

/**
 * HDBSCAN* over points by Euclidean distance (Campello, Moulavi & Sander 2013), with the numbers of
 * `sklearn.cluster.HDBSCAN`: the core distance counts the point itself, and the whole set is never one cluster. Edges
 * of equal length are cut at once, as in the paper, so that the order of the rows does not matter; scikit-learn cuts
 * them one by one, in an order that depends on it. Up to 8 dimensions any number of points; up to 50 dimensions at
 * most 10 000 points, over all pairs. Points fewer than `minClusterSize` or `minSamples` are all noise. Throws
 * INPUT_INVALID for more of either, for coordinates that are not finite and for options out of range, CANCELLED on
 * abort.
 */
export async function fitHdbscan(points: Matrix, options: HdbscanOptions, work: LongWork = {}): Promise<Hdbscan> {
  const { minClusterSize, minSamples = minClusterSize, selection = 'eom' } = options
  const { rows, columns } = points
  requireAtLeast('minClusterSize', minClusterSize, 2)
  requireAtLeast('minSamples', minSamples, 1)
  if (columns < 1 || columns > maxDimensions || (columns > treeDimensions && rows > maxRowsByPairs))
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected points of up to ${treeDimensions} dimensions, or at most ${maxRowsByPairs} of up to ${maxDimensions}, got ${rows} of ${columns}.`,
      { hint: 'Cluster the two coordinates of the map instead.' },
    )
  const broken = points.data.subarray(0, rows * columns).findIndex((value) => !Number.isFinite(value))
  if (broken >= 0)
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected finite coordinates, got ${points.data[broken]} in row ${Math.floor(broken / columns)}.`,
    )
  const assignment = new Int32Array(rows).fill(-1)
  const probability = new Float32Array(rows)
  if (rows < Math.max(minClusterSize, minSamples)) return { assignment, probability, clusters: 0 }
  const tree = buildKdTree(points)
  const cores = await measureCores(tree, minSamples, work)
  const edges = await (columns <= treeDimensions ? spanByTree : spanByPairs)(tree, cores, work)
  const flat = selectClusters(edges, rows, minClusterSize, selection)
  tree.rowAt.forEach((row, position) => {
    assignment[row] = flat.assignment[position]!
    probability[row] = flat.probability[position]!
  })
  return { assignment, probability, clusters: flat.clusters }
}

function requireAtLeast(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new FoveaError('INPUT_INVALID', `Expected ${name} to be an integer of at least ${least}, got ${value}.`)
}
