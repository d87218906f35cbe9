import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '#base'
import type { LongWork } from '../types.ts'
import { measureBetween, measureToBox, type KdTree } from './kdtree.ts'

/** Edges of a tree over positions, count − 1 of them, in no order. */
export interface Edges {
  from: Int32Array
  to: Int32Array
  /** Mutual reachability distance: the largest of the distance and both ends' core distances. */
  weights: Float64Array
}

const queriesPerTurn = 1024
const distancesPerTurn = 2_000_000

/**
 * The minimum spanning tree of the mutual reachability distance, by Borůvka's rounds: every component takes its
 * shortest edge to another, found in the k-d tree, where nodes that lie in the same component or too far are passed
 * over. `cores` are squared core distances by position. Good in few dimensions. Throws CANCELLED on abort.
 */
export async function spanByTree(tree: KdTree, cores: Float64Array, { signal, progress }: LongWork): Promise<Edges> {
  const { count, nodes, starts, ends, rights } = tree
  const edges = createEdges(count)
  const parents = Int32Array.from({ length: count }, (_, i) => i)
  const components = parents.slice()
  const nodeComponents = new Int32Array(nodes)
  const nodeCores = new Float64Array(nodes)
  for (let node = nodes - 1; node >= 0; node--) {
    let least = Infinity
    if (rights[node] !== 0) least = Math.min(nodeCores[node + 1]!, nodeCores[rights[node]!]!)
    else for (let i = starts[node]!; i < ends[node]!; i++) if (cores[i]! < least) least = cores[i]!
    nodeCores[node] = least
  }
  /** No point of another component is nearer than this; it can only grow from round to round. */
  const atLeast = cores.slice()
  const bestWeights = new Float64Array(count)
  const bestFrom = new Int32Array(count)
  const bestTo = new Int32Array(count)

  let found = -1
  let bound = 0
  const visit = (node: number, position: number, component: number): void => {
    const right = rights[node]!
    if (right === 0) {
      for (let other = starts[node]!; other < ends[node]!; other++) {
        if (components[other] === component || cores[other]! >= bound) continue
        const weight = Math.max(measureBetween(tree, position, other), cores[other]!, cores[position]!)
        if (weight >= bound) continue
        bound = weight
        found = other
      }
      return
    }
    const left = node + 1
    let toLeft = nodeComponents[left] === component ? Infinity : measureToBox(tree, position, left)
    let toRight = nodeComponents[right] === component ? Infinity : measureToBox(tree, position, right)
    const leftFirst = toLeft <= toRight
    toLeft = Math.max(toLeft, nodeCores[left]!)
    toRight = Math.max(toRight, nodeCores[right]!)
    if (leftFirst && toLeft < bound) visit(left, position, component)
    if (toRight < bound) visit(right, position, component)
    if (!leftFirst && toLeft < bound) visit(left, position, component)
  }

  let joined = 0
  while (joined < count - 1) {
    for (let node = nodes - 1; node >= 0; node--)
      nodeComponents[node] = commonComponent(tree, components, nodeComponents, node)
    bestWeights.fill(Infinity)
    for (let position = 0; position < count; position++) {
      if (position % queriesPerTurn === 0) {
        throwIfAborted(signal)
        await setImmediate()
      }
      const component = components[position]!
      bound = bestWeights[component]!
      if (atLeast[position]! >= bound) continue
      found = -1
      visit(0, position, component)
      atLeast[position] = bound
      if (found < 0) continue
      bestWeights[component] = bound
      bestFrom[component] = position
      bestTo[component] = found
    }
    for (let component = 0; component < count; component++) {
      if (bestWeights[component] === Infinity) continue
      const a = findRoot(parents, bestFrom[component]!)
      const b = findRoot(parents, bestTo[component]!)
      // Components that chose the same edge, or equal ones in a ring, are joined already.
      if (a === b) continue
      parents[a] = b
      edges.from[joined] = bestFrom[component]!
      edges.to[joined] = bestTo[component]!
      edges.weights[joined++] = Math.sqrt(bestWeights[component]!)
    }
    for (let position = 0; position < count; position++) components[position] = findRoot(parents, position)
    progress?.report({ stage: 'joining points', done: joined, total: count - 1, unit: 'edges' })
  }
  return edges
}

/**
 * The same tree by Prim's algorithm over all pairs, count²/2 distances: for dimensions in which a k-d tree finds
 * nothing to pass over. Throws CANCELLED on abort.
 */
export async function spanByPairs(tree: KdTree, cores: Float64Array, { signal, progress }: LongWork): Promise<Edges> {
  const { count } = tree
  const edges = createEdges(count)
  const outside = Int32Array.from({ length: count }, (_, i) => i)
  const nearest = new Int32Array(count)
  const weights = new Float64Array(count).fill(Infinity)
  let last = 0
  outside[0] = outside[count - 1]!
  for (let left = count - 1, measured = 0; left > 0; left--) {
    let best = 0
    for (let i = 0; i < left; i++) {
      const other = outside[i]!
      const floor = Math.max(cores[last]!, cores[other]!)
      if (floor < weights[other]!) {
        const weight = Math.max(floor, measureBetween(tree, last, other))
        if (weight < weights[other]!) {
          weights[other] = weight
          nearest[other] = last
        }
      }
      if (weights[other]! < weights[outside[best]!]!) best = i
    }
    last = outside[best]!
    outside[best] = outside[left - 1]!
    const joined = count - 1 - left
    edges.from[joined] = nearest[last]!
    edges.to[joined] = last
    edges.weights[joined] = Math.sqrt(weights[last]!)
    measured += left
    if (measured < distancesPerTurn) continue
    measured = 0
    throwIfAborted(signal)
    progress?.report({ stage: 'joining points', done: joined + 1, total: count - 1, unit: 'edges' })
    await setImmediate()
  }
  return edges
}

function createEdges(count: number): Edges {
  const size = Math.max(0, count - 1)
  return { from: new Int32Array(size), to: new Int32Array(size), weights: new Float64Array(size) }
}

/** The component that all points of a node belong to, or −1. Children must be known. */
function commonComponent(tree: KdTree, components: Int32Array, nodeComponents: Int32Array, node: number): number {
  const right = tree.rights[node]!
  if (right !== 0) return nodeComponents[node + 1] === nodeComponents[right] ? nodeComponents[right]! : -1
  const first = components[tree.starts[node]!]!
  for (let i = tree.starts[node]! + 1; i < tree.ends[node]!; i++) if (components[i] !== first) return -1
  return first
}

/** Root of a union-find forest, halving the path on the way. */
export function findRoot(parents: Int32Array, start: number): number {
  let at = start
  while (parents[at] !== at) {
    parents[at] = parents[parents[at]!]!
    at = parents[at]!
  }
  return at
}
