import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findExactNeighbours, makePatches } from '../projection/testing.ts'
import type { NeighbourGraph } from '../types.ts'
import { selectCoverage } from './coverage.ts'

/** What a set of rows covers, by the definition. */
function measureCoverage(
  { rows, k, ids, distances }: NeighbourGraph,
  chosen: Iterable<number>,
  weights?: Float32Array,
): number {
  const set = new Set(chosen)
  let sum = 0
  for (let r = 0; r < rows; r++) {
    let best = set.has(r) ? 1 : 0
    for (let i = r * k; i < (r + 1) * k; i++) if (set.has(ids[i]!)) best = Math.max(best, 1 - distances[i]!)
    sum += best * (weights?.[r] ?? 1)
  }
  return sum
}

/** A star: rows 1 to 4 have row 0 as their neighbour; rows 5 and 6 have each other. */
const star: NeighbourGraph = {
  rows: 7,
  k: 1,
  ids: Int32Array.of(1, 0, 0, 0, 0, 6, 5),
  distances: Float32Array.of(0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2),
}

const anyGraph = fc
  .record({
    rows: fc.integer({ min: 2, max: 9 }),
    k: fc.integer({ min: 1, max: 3 }),
    picks: fc.infiniteStream(fc.nat()),
  })
  .map(({ rows, k, picks }): NeighbourGraph => {
    const ids = new Int32Array(rows * k).fill(-1)
    const distances = new Float32Array(rows * k).fill(Infinity)
    const draw = (): number => picks.next().value as number
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < Math.min(k, rows - 1); i++) {
        const others = Array.from({ length: rows }, (_, o) => o).filter(
          (o) => o !== r && !ids.subarray(r * k, r * k + i).includes(o),
        )
        ids[r * k + i] = others[draw() % others.length]!
        distances[r * k + i] = (draw() % 13) / 10
      }
    }
    return { rows, k, ids, distances }
  })

it('takes the hub first, then one of what it leaves uncovered', async () => {
  expect([...(await selectCoverage(star, 2))]).toEqual([0, 5])
})

it('minds weights and what is covered from the start', async () => {
  const weights = Float32Array.of(0, 0, 0, 0, 0, 0, 1)
  expect([...(await selectCoverage(star, 1, { weights }))]).toEqual([6])
  expect([...(await selectCoverage(star, 1, { start: Int32Array.of(0) }))]).toEqual([5])
})

it('takes each time a row of the greatest gain, and reaches 1 − 1/e of the best there is', async () => {
  await fc.assert(
    fc.asyncProperty(anyGraph, fc.integer({ min: 1, max: 3 }), async (graph, budget) => {
      const chosen = [...(await selectCoverage(graph, budget))]
      let covered = 0
      chosen.forEach((_, i) => {
        const reached = measureCoverage(graph, chosen.slice(0, i + 1))
        for (let r = 0; r < graph.rows; r++)
          expect(reached).toBeGreaterThanOrEqual(measureCoverage(graph, [...chosen.slice(0, i), r]) - 1e-6)
        expect(reached).toBeGreaterThanOrEqual(covered)
        covered = reached
      })
      let best = 0
      for (let mask = 0; mask < 1 << graph.rows; mask++) {
        const some = [...Array(graph.rows).keys()].filter((r) => (mask >> r) & 1)
        if (some.length <= budget) best = Math.max(best, measureCoverage(graph, some))
      }
      expect(covered).toBeGreaterThanOrEqual((1 - 1 / Math.E) * best - 1e-6)
    }),
    { numRuns: 60 },
  )
})

it('chooses every other row once when the budget allows', async () => {
  await fc.assert(
    fc.asyncProperty(anyGraph, fc.nat({ max: 12 }), fc.boolean(), async (graph, budget, started) => {
      const start = started ? Int32Array.of(graph.rows - 1) : new Int32Array(0)
      const chosen = await selectCoverage(graph, budget, { start })
      expect(chosen).toHaveLength(Math.min(budget, graph.rows - start.length))
      expect(new Set([...start, ...chosen]).size).toBe(start.length + chosen.length)
    }),
  )
})

it('covers patches with one row of each before any second', async () => {
  const graph = findExactNeighbours(makePatches(400, 16, 8, 0.02), 49)
  const chosen = await selectCoverage(graph, 8)
  expect(new Set([...chosen].map((r) => r % 8)).size).toBe(8)
})

it('says what is wrong with its input, and stops when told', async () => {
  const bad = [Float32Array.of(1), new Float32Array(7).fill(-1), new Float32Array(7).fill(NaN)]
  for (const weights of bad) await expect(selectCoverage(star, 1, { weights })).rejects.toThrow('Expected 7 weights')
  await expect(selectCoverage(star, 1, { start: Int32Array.of(7) })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  const signal = AbortSignal.abort()
  await expect(selectCoverage(star, 1, {}, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
})
