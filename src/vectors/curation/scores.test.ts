import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRng } from '#base'
import { findExactNeighbours, makePatches } from '../projection/testing.ts'
import type { Matrix, NeighbourGraph } from '../types.ts'
import { scoreHardness, scoreOutliers, scoreRepresentativeness, scoreUniqueness } from './scores.ts'

type Made = [rows: number, columns: number, patches: number, noise: number]
interface Golden {
  crowd: Made
  strangers: Made
  outliers: { score: number[]; threshold: number; rows: number[] }
  uniqueness: number[]
  hardness: { probabilities: number[][]; score: number[] }
}

const golden = JSON.parse(await readFile(new URL('golden.json', import.meta.url), 'utf8')) as Golden

function stackRows(a: Matrix, b: Matrix): Matrix {
  return { rows: a.rows + b.rows, columns: a.columns, data: Float32Array.from([...a.data, ...b.data]) }
}

const vectors = stackRows(makePatches(...golden.crowd), makePatches(...golden.strangers))
const neighbours = findExactNeighbours(vectors, 12)

/** The largest difference between what came and what was expected; Infinity when the lengths differ. */
function measureError(actual: Float32Array, expected: number[]): number {
  if (actual.length !== expected.length) return Infinity
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - actual[i]!)), 0)
}

function toMatrix(rows: number[][]): Matrix {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, data: Float32Array.from(rows.flat()) }
}

/** A graph of `k` places a row, filled with the distances given and no neighbour beyond them. */
function toGraph(distances: number[][], k: number): NeighbourGraph {
  const rows = distances.length
  const graph = {
    rows,
    k,
    ids: new Int32Array(rows * k).fill(-1),
    distances: new Float32Array(rows * k).fill(Infinity),
  }
  distances.forEach((row, r) => {
    row.forEach((distance, i) => {
      graph.ids[r * k + i] = (r + i + 1) % rows
      graph.distances[r * k + i] = distance
    })
  })
  return graph
}

it('scores outliers as numpy does, and finds the strangers', () => {
  const { score, outlier, threshold } = scoreOutliers(neighbours)
  expect(measureError(score, golden.outliers.score)).toBeLessThan(2e-6)
  expect(threshold).toBeCloseTo(golden.outliers.threshold, 6)
  const rows = [...outlier.keys()].filter((row) => outlier[row] === 1)
  expect(rows).toEqual(golden.outliers.rows)
  expect(rows.length).toBeGreaterThan(5)
})

it('scores uniqueness and hardness as numpy and scipy do', () => {
  expect(measureError(scoreUniqueness(neighbours), golden.uniqueness)).toBeLessThan(2e-6)
  expect(measureError(scoreHardness(toMatrix(golden.hardness.probabilities)), golden.hardness.score)).toBeLessThan(2e-6)
})

it('counts only neighbours that exist', () => {
  const few = toGraph([[0.2, 0.4], [0.2], []], 10)
  expect([...scoreOutliers(few).score]).toEqual([0.3, 0.2, 0].map(Math.fround))
  // The missing third neighbour counts like the second, the missing second like the first.
  expect(measureError(scoreUniqueness(few), [1, 0.2 / 0.28, 0])).toBeLessThan(2e-6)
})

it('gives all rows the same uniqueness of 0 when all have copies, and takes an empty set', () => {
  expect([
    ...scoreUniqueness(
      toGraph(
        [
          [0, 0, 0],
          [0, 0, 0],
        ],
        3,
      ),
    ),
  ]).toEqual([0, 0])
  const none = toGraph([], 10)
  expect(scoreOutliers(none)).toEqual({ score: new Float32Array(0), outlier: new Uint8Array(0), threshold: Infinity })
  expect(scoreUniqueness(none)).toHaveLength(0)
  const rows = (count: number): number[][] => Array.from({ length: count }, () => [0.1])
  expect(() => scoreOutliers(toGraph(rows(11), 9))).toThrow('at least 10 neighbours, got 9')
  expect(() => scoreUniqueness(toGraph(rows(4), 2))).toThrow('at least 3')
  // Of few rows there are no more neighbours to know.
  expect(scoreOutliers(toGraph(rows(10), 9)).score).toEqual(new Float32Array(10).fill(0.1))
  expect(scoreUniqueness(toGraph(rows(2), 1))).toEqual(Float32Array.of(1, 1))
})

it('finds a row at the centre most representative and one at the rim least', async () => {
  // Two crosses far apart: the middle of each is its mean.
  const cross = (x: number, y: number): number[][] => [
    [x, y],
    [x + 1, y],
    [x - 1, y],
    [x, y + 1],
    [x, y - 2],
  ]
  const rows = toMatrix([...cross(0, 0.2), ...cross(100, 50.2)])
  const score = await scoreRepresentativeness(rows, { clusters: 2, rng: createRng(1) })
  // Means lie at (x, y − 0.2); the rim is 1.8 away.
  for (const at of [0, 5]) {
    expect(score[at]).toBeCloseTo(1 - 0.2 / 1.8, 4)
    expect(score[at + 1]).toBeCloseTo(1 - Math.hypot(1, 0.2) / 1.8, 4)
    expect(score[at + 4]).toBeCloseTo(0, 4)
  }
})

it('keeps representativeness within 0 to 1 with more clusters than rows, copies, or no rows', async () => {
  const rng = createRng(2)
  expect([...(await scoreRepresentativeness(makePatches(7, 5, 2), { clusters: 20, rng }))]).toEqual(Array(7).fill(1))
  const copies: Matrix = { rows: 30, columns: 3, data: new Float32Array(90).fill(0.577) }
  expect([...(await scoreRepresentativeness(copies, { clusters: 4, rng }))]).toEqual(Array(30).fill(1))
  expect(await scoreRepresentativeness(makePatches(0, 5, 2), { clusters: 20, rng })).toHaveLength(0)
  const score = await scoreRepresentativeness(makePatches(500, 16, 5), { clusters: 20, rng })
  expect(Math.min(...score)).toBe(0)
  expect(Math.max(...score)).toBeLessThanOrEqual(1)
})

it('scores a uniform guess 1 and a certain one 0, whatever the number of classes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 50 }), fc.nat(), (classes, pick) => {
      const certain = Array.from({ length: classes }, (_, c) => (c === pick % classes ? 1 : 0))
      const score = scoreHardness(toMatrix([Array<number>(classes).fill(1 / classes), certain]))
      expect(score[0]).toBeCloseTo(1, 5)
      expect(score[1]).toBe(0)
    }),
  )
})

it('refuses what is no distribution, naming the row', () => {
  const good = [0.5, 0.5]
  for (const bad of [
    [2, 3],
    [-0.5, 1.5],
    [NaN, 1],
    [0, 0],
  ])
    expect(() => scoreHardness(toMatrix([good, bad]))).toThrow('in row 1')
  expect(() => scoreHardness(toMatrix([[1], [1]]))).toThrow('at least 2 classes, got 1')
})
