import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import type { Matrix } from '../types.ts'
import { fitHdbscan, type HdbscanOptions } from './hdbscan.ts'
import { makeBlobs } from './testing.ts'

interface Golden {
  hdbscan: (Required<HdbscanOptions> & {
    made: [number, number, number, number]
    /** −2 where scikit-learn's answer depends on the order of the rows; so does a probability of null. */
    assignment: number[]
    probability: (number | null)[]
  })[]
}

const golden = JSON.parse(await readFile(new URL('golden.json', import.meta.url), 'utf8')) as Golden

/** Labels renumbered by first appearance, noise kept: equal for equal partitions (an adjusted Rand index of 1). */
function renumber(labels: Iterable<number>): number[] {
  const seen = new Map([[-1, -1]])
  return Array.from(labels, (label) => {
    if (!seen.has(label)) seen.set(label, seen.size - 1)
    return seen.get(label)!
  })
}

function toMatrix(points: number[][]): Matrix {
  return { rows: points.length, columns: points[0]?.length ?? 2, data: Float32Array.from(points.flat()) }
}

function repeatPoint(times: number, point: number[]): number[][] {
  return Array.from({ length: times }, () => point)
}

/** A cluster of the definition: its points and when each left, and the clusters it fell into. */
interface Naive {
  points: number[]
  stability: number
  children: Naive[]
}

/** Mutual reachability distances of all pairs, from the definition. */
function reachPairs(points: number[][], minSamples: number): number[][] {
  const between = points.map((a) => points.map((b) => Math.sqrt(a.reduce((sum, x, d) => sum + (x - b[d]!) ** 2, 0))))
  const cores = between.map((row) => row.toSorted((a, b) => a - b)[minSamples - 1]!)
  return between.map((row, i) => row.map((distance, j) => Math.max(distance, cores[i]!, cores[j]!)))
}

/** Groups of `points` that edges shorter than `limit` hold together. */
function groupPoints(points: number[], reach: number[][], limit: number): number[][] {
  const left = new Set(points)
  const groups: number[][] = []
  for (const start of points) {
    if (!left.delete(start)) continue
    const group = [start]
    for (let i = 0; i < group.length; i++)
      for (const other of left) {
        if (reach[group[i]!]![other]! >= limit) continue
        left.delete(other)
        group.push(other)
      }
    groups.push(group)
  }
  return groups
}

/** The condensed hierarchy by cutting at every distance there is, all edges of a length at once. */
function growNaively(points: number[], birth: number, reach: number[][], minClusterSize: number): Naive {
  const levels = [...new Set(points.flatMap((a) => points.map((b) => (a === b ? 0 : reach[a]![b]!))))]
  let kept = points
  let stability = 0
  for (const level of levels.toSorted((a, b) => b - a)) {
    const groups = groupPoints(kept, reach, level).filter((group) => group.length >= minClusterSize)
    const staying = groups.length === 1 ? groups[0]! : []
    const lambda = 1 / level
    if (lambda > birth) stability += (lambda - birth) * (kept.length - staying.length)
    if (groups.length > 1)
      return { points, stability, children: groups.map((group) => growNaively(group, lambda, reach, minClusterSize)) }
    kept = staying
    if (kept.length === 0) break
  }
  return { points, stability, children: [] }
}

function chooseNaively(node: Naive, selection: 'eom' | 'leaf'): { sum: number; groups: number[][] } {
  const below = node.children.map((child) => chooseNaively(child, selection))
  const sum = below.reduce((total, child) => total + child.sum, 0)
  if (node.children.length > 0 && (selection === 'leaf' || sum > node.stability))
    return { sum, groups: below.flatMap((child) => child.groups) }
  return { sum: node.stability, groups: [node.points] }
}

describe('fitHdbscan', () => {
  it.each(golden.hdbscan)(
    'finds the clusters and probabilities of scikit-learn: $made, at least $minClusterSize, $minSamples, $selection',
    async ({ made, assignment, probability, ...options }) => {
      const found = await fitHdbscan(makeBlobs(...made), options)
      const settled = [...assignment.keys()].filter((r) => assignment[r] !== -2)
      expect(settled.length).toBeGreaterThan(0.8 * made[0])
      expect(renumber(settled.map((r) => found.assignment[r]!))).toEqual(renumber(settled.map((r) => assignment[r]!)))
      const worst = probability.reduce<number>(
        (most, value, r) => (value === null ? most : Math.max(most, Math.abs(value - found.probability[r]!))),
        0,
      )
      expect(worst).toBeLessThan(1e-4)
    },
  )

  it('follows the definition on grids, where most distances are equal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })), { maxLength: 40 }),
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('eom' as const, 'leaf' as const),
        async (points, minClusterSize, minSamples, selection) => {
          const found = await fitHdbscan(toMatrix(points), { minClusterSize, minSamples, selection })
          const expected = Array<number>(points.length).fill(-1)
          if (points.length >= Math.max(minClusterSize, minSamples)) {
            const root = growNaively([...points.keys()], 0, reachPairs(points, minSamples), minClusterSize)
            const groups = root.children.flatMap((child) => chooseNaively(child, selection).groups)
            groups.forEach((group, label) => group.forEach((point) => (expected[point] = label)))
            expect(found.clusters).toBe(groups.length)
          }
          expect(renumber(found.assignment)).toEqual(renumber(expected))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives the same clusters whatever the order of the rows, the largest first', async () => {
    const { rows, columns, data } = makeBlobs(1500, 2, 30, 9)
    const order = createRng(1).shuffle([...Array(rows).keys()])
    const shuffled = { rows, columns, data: Float32Array.from(order.flatMap((r) => [data[2 * r]!, data[2 * r + 1]!])) }
    const options = { minClusterSize: 8, minSamples: 3 }
    const [a, b] = [await fitHdbscan({ rows, columns, data }, options), await fitHdbscan(shuffled, options)]
    expect(renumber(b.assignment)).toEqual(renumber(order.map((r) => a.assignment[r]!)))
    expect([...b.probability]).toEqual(order.map((r) => a.probability[r]!))
    const sizes = Array.from({ length: a.clusters }, (_, c) => a.assignment.filter((label) => label === c).length)
    expect(sizes).toEqual(sizes.toSorted((x, y) => y - x))
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(8)
  })

  it('finds heaps of copies, whose density has no bound', async () => {
    const points = [...repeatPoint(6, [0, 0]), ...repeatPoint(5, [9, 9]), [4, 4], [20, 3], [3, 30]]
    const { assignment, probability, clusters } = await fitHdbscan(toMatrix(points), {
      minClusterSize: 4,
      minSamples: 3,
    })
    expect(clusters).toBe(2)
    // The point between them joins the nearer heap before the heaps join, but next to infinity its density is none.
    expect([...assignment]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, -1, -1])
    expect([...probability]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0])
  })

  it('finds one even cloud, too few points or none to be noise', async () => {
    const options = { minClusterSize: 5 }
    expect((await fitHdbscan(makeBlobs(200, 2, 1, 500), { minClusterSize: 80 })).clusters).toBe(0)
    expect([
      ...(
        await fitHdbscan(
          toMatrix([
            [0, 0],
            [0, 0],
          ]),
          options,
        )
      ).assignment,
    ]).toEqual([-1, -1])
    expect(await fitHdbscan(toMatrix([]), options)).toMatchObject({ clusters: 0, assignment: new Int32Array(0) })
    expect((await fitHdbscan(toMatrix(repeatPoint(9, [1, 1])), options)).clusters).toBe(0)
  })

  it('says what is wrong with its input, and stops when told', async () => {
    const points = makeBlobs(40, 2, 2, 9)
    const invalid = { code: 'INPUT_INVALID' }
    await expect(fitHdbscan(points, { minClusterSize: 1 })).rejects.toMatchObject(invalid)
    await expect(fitHdbscan(points, { minClusterSize: 5, minSamples: 0 })).rejects.toMatchObject(invalid)
    const wide = { rows: 10_001, columns: 9, data: new Float32Array(10_001 * 9) }
    await expect(fitHdbscan(wide, { minClusterSize: 5 })).rejects.toThrow('got 10001 of 9')
    const broken = toMatrix([
      [0, 1],
      [2, NaN],
    ])
    await expect(fitHdbscan(broken, { minClusterSize: 5 })).rejects.toThrow('got NaN in row 1')
    const signal = AbortSignal.abort()
    await expect(fitHdbscan(points, { minClusterSize: 5 }, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
