import { findRoot, type Edges } from './spanning.ts'

/** Which clusters of the hierarchy to keep: those of most excess of mass, or the finest. */
export type Selection = 'eom' | 'leaf'

/**
 * The hierarchy with only those splits in which both sides are large enough. Cluster 0 is the root; children follow
 * parents.
 */
interface CondensedTree {
  clusters: number
  /** Parent of every cluster, −1 for the root. */
  parents: number[]
  /** Density λ = 1/distance at which a cluster parted from its parent, 0 for the root. */
  births: number[]
  /** The highest λ at which something left the cluster. */
  deaths: number[]
  /** Σ (λ of leaving − λ of birth) over its points. */
  stabilities: number[]
  /** The cluster that every point left last, and at which λ. */
  clusterOf: Int32Array
  lambdaOf: Float64Array
}

/** Flat clusters, by point in the order of the edges' numbers. */
export interface FlatClusters {
  clusters: number
  /** −1 for noise, else 0 to clusters − 1, the largest first. */
  assignment: Int32Array
  /** λ of the point over the highest λ of its cluster, 0 to 1; 0 for noise. */
  probability: Float32Array
}

/**
 * Flat clusters of a spanning tree over `count` points (Campello, Moulavi & Sander 2013; the condensed tree, its λ and
 * probabilities as in McInnes, Healy & Astels 2017). The root is never a cluster: points that do not part are noise.
 */
export function selectClusters(
  edges: Edges,
  count: number,
  minClusterSize: number,
  selection: Selection,
): FlatClusters {
  const tree = condenseTree(edges, count, minClusterSize)
  const chosen = selection === 'leaf' ? chooseLeaves(tree) : chooseByMass(tree)
  /** The chosen cluster that holds a cluster, or −1. */
  const holders: number[] = []
  for (let c = 0; c < tree.clusters; c++) holders.push(chosen[c] ? c : c === 0 ? -1 : holders[tree.parents[c]!]!)
  const sizes = new Map<number, number>()
  for (const cluster of tree.clusterOf) {
    const holder = holders[cluster]!
    if (holder >= 0) sizes.set(holder, (sizes.get(holder) ?? 0) + 1)
  }
  const ranked = [...sizes.keys()].sort((a, b) => sizes.get(b)! - sizes.get(a)! || a - b)
  const labels = new Map(ranked.map((cluster, label) => [cluster, label]))
  const assignment = new Int32Array(count).fill(-1)
  const probability = new Float32Array(count)
  for (let p = 0; p < count; p++) {
    const holder = holders[tree.clusterOf[p]!]!
    if (holder < 0) continue
    assignment[p] = labels.get(holder)!
    const lambda = tree.lambdaOf[p]!
    const death = tree.deaths[holder]!
    probability[p] = death === 0 || lambda === Infinity ? 1 : Math.min(lambda, death) / death
  }
  return { clusters: ranked.length, assignment, probability }
}

interface Hierarchy {
  /**
   * Node count + i joins `lefts[i]` and `rights[i]` at `distances[i]`, which never fall; nodes below count are
   * points.
   */
  lefts: Int32Array
  rights: Int32Array
  distances: Float64Array
  /** Points of every node. */
  sizes: Int32Array
}

/** Single linkage: joins along the edges, the shortest first. */
function mergeEdges({ from, to, weights }: Edges, count: number): Hierarchy {
  const order = Int32Array.from(weights.keys()).sort((a, b) => weights[a]! - weights[b]! || a - b)
  const roots = Int32Array.from({ length: count }, (_, i) => i)
  /** The node that stands for a root. */
  const nodeOf = roots.slice()
  const lefts = new Int32Array(order.length)
  const rights = new Int32Array(order.length)
  const sizes = new Int32Array(count + order.length).fill(1, 0, count)
  order.forEach((edge, i) => {
    const a = findRoot(roots, from[edge]!)
    const b = findRoot(roots, to[edge]!)
    lefts[i] = nodeOf[a]!
    rights[i] = nodeOf[b]!
    sizes[count + i] = sizes[nodeOf[a]!]! + sizes[nodeOf[b]!]!
    roots[a] = b
    nodeOf[b] = count + i
  })
  return { lefts, rights, sizes, distances: Float64Array.from(order, (edge) => weights[edge]!) }
}

function condenseTree(edges: Edges, count: number, minClusterSize: number): CondensedTree {
  const { lefts, rights, sizes, distances } = mergeEdges(edges, count)
  const tree: CondensedTree = {
    clusters: 1,
    parents: [-1],
    births: [0],
    deaths: [0],
    stabilities: [0],
    clusterOf: new Int32Array(count),
    lambdaOf: new Float64Array(count),
  }
  const clusterOf = new Int32Array(count + distances.length)
  /** λ at which a node too small to be a cluster left; −1 while it is one. */
  const leftAt = new Float64Array(count + distances.length).fill(-1)
  const leave = (cluster: number, lambda: number, points: number): void => {
    const birth = tree.births[cluster]!
    // Two infinite densities are the same density.
    if (lambda > birth) tree.stabilities[cluster]! += (lambda - birth) * points
    tree.deaths[cluster] = Math.max(tree.deaths[cluster]!, lambda)
  }
  /**
   * The nodes that a node falls into at its distance: edges of equal length go at once, in whatever order they were
   * joined.
   */
  const part = (node: number): number[] => {
    const parts: number[] = []
    const open = [node]
    while (open.length > 0) {
      const i = open.pop()! - count
      for (const child of [lefts[i]!, rights[i]!]) {
        const goesToo = child >= count && distances[child - count] === distances[node - count]
        clusterOf[child] = goesToo ? -1 : clusterOf[node]!
        ;(goesToo ? open : parts).push(child)
      }
    }
    return parts.sort((a, b) => a - b)
  }
  for (let node = clusterOf.length - 1; node >= count; node--) {
    const cluster = clusterOf[node]!
    if (cluster < 0) continue
    const parts = part(node)
    const distance = distances[node - count]!
    const lambda = distance > 0 ? 1 / distance : Infinity
    const large = leftAt[node]! < 0 ? parts.filter((child) => sizes[child]! >= minClusterSize) : []
    for (const child of parts) {
      if (leftAt[node]! >= 0) leftAt[child] = leftAt[node]!
      else if (sizes[child]! < minClusterSize) {
        leftAt[child] = lambda
        leave(cluster, lambda, sizes[child]!)
      } else if (large.length > 1) {
        clusterOf[child] = tree.clusters++
        tree.parents.push(cluster)
        tree.births.push(lambda)
        tree.deaths.push(0)
        tree.stabilities.push(0)
        leave(cluster, lambda, sizes[child]!)
      }
    }
  }
  tree.clusterOf.set(clusterOf.subarray(0, count))
  tree.lambdaOf.set(leftAt.subarray(0, count))
  return tree
}

function chooseLeaves({ clusters, parents }: CondensedTree): boolean[] {
  const chosen = Array.from({ length: clusters }, (_, c) => c > 0)
  for (const parent of parents) if (parent >= 0) chosen[parent] = false
  return chosen
}

/** A cluster is chosen when no choice among its descendants has more stability together. */
function chooseByMass({ clusters, parents, stabilities }: CondensedTree): boolean[] {
  const chosen = Array.from({ length: clusters }, () => false)
  const below = Array.from({ length: clusters }, () => 0)
  for (let c = clusters - 1; c > 0; c--) {
    chosen[c] = !(below[c]! > stabilities[c]!)
    below[parents[c]!]! += Math.max(below[c]!, stabilities[c]!)
  }
  for (let c = 1, covered = [false]; c < clusters; c++) {
    const under = covered[parents[c]!]!
    covered.push(under || chosen[c]!)
    if (under) chosen[c] = false
  }
  return chosen
}
