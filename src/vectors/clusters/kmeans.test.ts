import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRng } from '#base'
import { makePatches } from '../projection/testing.ts'
import type { Matrix } from '../types.ts'
import { fitKMeans } from './kmeans.ts'

/** Assignment and inertia by comparing every row with every centre. */
function assignPlainly(vectors: Matrix, centres: Matrix): { gaps: number[]; inertia: number } {
  const gaps = Array.from({ length: vectors.rows }, (_, r) => {
    let best = Infinity
    for (let c = 0; c < centres.rows; c++) {
      let sum = 0
      for (let d = 0; d < vectors.columns; d++)
        sum += (vectors.data[r * vectors.columns + d]! - centres.data[c * vectors.columns + d]!) ** 2
      best = Math.min(best, sum)
    }
    return best
  })
  return { gaps, inertia: gaps.reduce((sum, gap) => sum + gap, 0) }
}

it('reaches the inertia of scikit-learn, over some seeds', async () => {
  const golden = JSON.parse(await readFile(new URL('golden.json', import.meta.url), 'utf8')) as {
    kmeans: { made: [number, number, number, number]; k: number; inertia: number[] }[]
  }
  const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  for (const { made, k, inertia } of golden.kmeans) {
    const reached: number[] = []
    for (const seed of [1, 2, 3, 4])
      reached.push((await fitKMeans(makePatches(...made), { k, rng: createRng(seed) })).inertia)
    expect(average(reached)).toBeLessThan(1.03 * average(inertia))
    expect(Math.min(...reached)).toBeGreaterThan(0.97 * Math.min(...inertia))
  }
})

it('finds patches that lie apart, whatever the seed', async () => {
  const vectors = makePatches(1200, 24, 6, 0.02)
  for (const seed of [1, 2, 3]) {
    const { assignment } = await fitKMeans(vectors, { k: 12, rng: createRng(seed) })
    for (let c = 0; c < 12; c++) {
      const patches = new Set([...assignment.keys()].filter((r) => assignment[r] === c).map((r) => r % 6))
      expect(patches.size).toBe(1)
    }
  }
})

it('gives the same for the same seed', async () => {
  const vectors = makePatches(600, 16, 5)
  const [a, b] = await Promise.all([1, 1].map((seed) => fitKMeans(vectors, { k: 9, rng: createRng(seed) })))
  expect(a).toEqual(b)
})

it('assigns every row to its nearest centre, at means of its rows, over any points', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
        minLength: 1,
        maxLength: 60,
      }),
      fc.nat(),
      fc.nat(),
      async (points, pick, seed) => {
        const vectors: Matrix = { rows: points.length, columns: 2, data: Float32Array.from(points.flat()) }
        const k = 1 + (pick % points.length)
        const options = { k, rng: createRng(seed), iterations: 500, tolerance: 0 }
        const { centres, assignment, inertia } = await fitKMeans(vectors, options)
        const plain = assignPlainly(vectors, centres)
        expect(inertia).toBeCloseTo(plain.inertia, 3)
        const means = new Map<number, number[]>()
        assignment.forEach((c, r) => means.set(c, [...(means.get(c) ?? []), r]))
        for (const [c, rows] of means) {
          const mean = rows.reduce((sum, r) => sum + points[r]![0], 0) / rows.length
          expect(centres.data[c * 2]).toBeCloseTo(mean, 3)
        }
        const different = new Set(points.map(String)).size
        expect(means.size).toBe(Math.min(k, different))
      },
    ),
    { numRuns: 100 },
  )
})

it('never gets worse with more rounds', async () => {
  const vectors = makePatches(3000, 20, 8, 0.6)
  let before = Infinity
  for (const iterations of [1, 2, 4, 8, 16]) {
    const { inertia } = await fitKMeans(vectors, { k: 40, rng: createRng(4), iterations, tolerance: 0 })
    expect(inertia).toBeLessThanOrEqual(before)
    before = inertia
  }
})

it('reports rounds, refuses an impossible k, and stops when told', async () => {
  const vectors = makePatches(50, 4, 2)
  const rng = createRng(5)
  const stages = new Set<string>()
  await fitKMeans(vectors, { k: 3, rng }, { progress: { report: ({ stage }) => stages.add(stage) } })
  expect([...stages]).toEqual(['seeding clusters', 'clustering'])
  for (const k of [0, 51, 1.5])
    await expect(fitKMeans(vectors, { k, rng })).rejects.toThrow(`Expected 1 to 50 clusters for 50 vectors, got ${k}.`)
  const signal = AbortSignal.abort()
  await expect(fitKMeans(vectors, { k: 3, rng }, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
})
