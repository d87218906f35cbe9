import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { findMemberships, uniteEdges } from './membership.ts'
import { findExactNeighbours, makePatches } from './testing.ts'

interface Golden {
  memberships: {
    made: { rows: number; columns: number; patches: number }
    neighbours: number
    pairs: number
    sums: number[]
  }
}

it('weighs and unites neighbours as umap-learn does', async () => {
  const golden = JSON.parse(await readFile(new URL('golden.json', import.meta.url), 'utf8')) as Golden
  const { made, neighbours, pairs, sums } = golden.memberships
  const graph = findExactNeighbours(makePatches(made.rows, made.columns, made.patches), neighbours)
  const strengths = await findMemberships(graph, true, {})
  const edges = await uniteEdges(graph, strengths, (one, other) => one + other - one * other, {})
  expect(edges.weights).toHaveLength(pairs)
  const ours = new Float64Array(made.rows)
  edges.heads.forEach((head, at) => (ours[head]! += edges.weights[at]!))
  sums.forEach((sum, row) => expect(ours[row]).toBeCloseTo(sum, 3))
})

it('gives strength 1 to rows that coincide and to the nearest, 0 to missing neighbours', async () => {
  const graph = {
    rows: 2,
    k: 4,
    ids: Int32Array.of(1, 2, 3, 4, 0, 2, -1, -1),
    distances: Float32Array.of(0, 0.1, 0.2, 0.4, 0.3, 0.5, Infinity, Infinity),
  }
  const strengths = await findMemberships(graph, true, {})
  expect([...strengths.subarray(0, 2), strengths[4]]).toEqual([1, 1, 1])
  expect(strengths[2]).toBeGreaterThan(strengths[3]!)
  expect([...strengths.subarray(6)]).toEqual([0, 0])
  expect(strengths[5]).toBeCloseTo(Math.log2(3) - 1, 4)
})

it('unites each pair once in both directions, sorted by head', async () => {
  const graph = {
    rows: 3,
    k: 2,
    ids: Int32Array.of(1, -1, 0, 2, 0, -1),
    distances: Float32Array.of(0.1, Infinity, 0.1, 0.2, 0.3, Infinity),
  }
  const weights = Float32Array.of(0.5, 0, 0.25, 1, 0.75, 0)
  const edges = await uniteEdges(graph, weights, (one, other) => one + other, {})
  const listed = [...edges.heads].map((head, at) => [head, edges.tails[at], edges.weights[at]])
  expect([...edges.heads]).toEqual([0, 0, 1, 1, 2, 2])
  expect(new Set(listed.map(String))).toEqual(
    new Set(['0,1,0.75', '1,0,0.75', '1,2,1', '2,1,1', '2,0,0.75', '0,2,0.75']),
  )
})
