import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { makePatches } from '../projection/testing.ts'
import type { Matrix } from '../types.ts'
import { selectDiverse, selectTop } from './select.ts'

/** Unit vectors in the plane at the angles given, in degrees. */
function pointAt(...angles: number[]): Matrix {
  const turn = Math.PI / 180
  const data = angles.flatMap((angle) => [Math.cos(angle * turn), Math.sin(angle * turn)])
  return { rows: angles.length, columns: 2, data: Float32Array.from(data) }
}

function measureBetween({ columns, data }: Matrix, a: number, b: number): number {
  let dot = 0
  for (let d = 0; d < columns; d++) dot += data[a * columns + d]! * data[b * columns + d]!
  return 1 - dot
}

/** The farthest that any row lies from its nearest one of `chosen`. */
function measureRadius(vectors: Matrix, chosen: number[]): number {
  const gaps = Array.from({ length: vectors.rows }, (_, r) =>
    Math.min(...chosen.map((c) => measureBetween(vectors, r, c))),
  )
  return Math.max(...gaps)
}

function listSubsets(rows: number, size: number): number[][] {
  if (size === 0) return [[]]
  return listSubsets(rows, size - 1).flatMap((some) =>
    Array.from({ length: rows }, (_, r) => r)
      .filter((r) => some.every((s) => s < r))
      .map((r) => [...some, r]),
  )
}

describe('selectDiverse', () => {
  it('goes to the far side first, then halfway', async () => {
    const vectors = pointAt(0, 1, 2, 180, 89, 271, 3)
    const chosen = await selectDiverse(vectors, 3, { rng: createRng(1), start: Int32Array.of(0) })
    expect([...chosen]).toEqual([3, 4, 5])
  })

  it('takes each time the row farthest from all before, across blocks', async () => {
    const vectors = makePatches(2500, 8, 20, 0.5)
    const start = Int32Array.from({ length: 70 }, (_, i) => i * 3)
    const chosen = await selectDiverse(vectors, 150, { rng: createRng(2), start })
    const gaps = Array.from({ length: 2500 }, (_, r) =>
      Math.min(...[...start].map((s) => measureBetween(vectors, r, s))),
    )
    for (const row of chosen) {
      expect(gaps[row]).toBeGreaterThanOrEqual(Math.max(...gaps) - 1e-6)
      for (let r = 0; r < 2500; r++) gaps[r] = Math.min(gaps[r]!, measureBetween(vectors, r, row))
      gaps[row] = -1
    }
  })

  it('comes within twice the least possible distance', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 359 }), { minLength: 3, maxLength: 9 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        async (angles, budget, seed) => {
          const vectors = pointAt(...angles)
          const chosen = await selectDiverse(vectors, budget, { rng: createRng(seed) })
          const least = Math.min(...listSubsets(angles.length, budget).map((some) => measureRadius(vectors, some)))
          // Between unit vectors the squared Euclidean distance is twice the cosine distance.
          expect(measureRadius(vectors, [...chosen])).toBeLessThanOrEqual(4 * least + 1e-6)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('chooses every other row once when the budget allows, even among copies, and the same for the same seed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 }),
        fc.nat({ max: 40 }),
        fc.nat(),
        fc.nat({ max: 3 }),
        async (steps, budget, seed, started) => {
          const vectors = pointAt(...steps.map((step) => step * 60))
          const start = Int32Array.from({ length: Math.min(started, steps.length) }, (_, i) => i)
          const chosen = await selectDiverse(vectors, budget, { rng: createRng(seed), start })
          expect(chosen).toHaveLength(Math.min(budget, steps.length - start.length))
          expect(new Set([...start, ...chosen]).size).toBe(start.length + chosen.length)
          expect(await selectDiverse(vectors, budget, { rng: createRng(seed), start })).toEqual(chosen)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('says what is wrong with its input, and stops when told', async () => {
    const vectors = pointAt(0, 90)
    const rng = createRng(3)
    await expect(selectDiverse(vectors, -1, { rng })).rejects.toThrow('Expected a budget of 0 or more samples, got -1.')
    const start = Int32Array.of(2)
    await expect(selectDiverse(vectors, 1, { rng, start })).rejects.toThrow(
      'Expected rows from 0 to 1 to start from, got 2.',
    )
    const signal = AbortSignal.abort()
    await expect(selectDiverse(vectors, 1, { rng }, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await selectDiverse(pointAt(), 5, { rng })).toHaveLength(0)
  })
})

describe('selectTop', () => {
  it('takes the highest first, equal ones in order, and none without a score', async () => {
    const scores = Float32Array.of(0.2, 0.9, NaN, 0.9, -1, Infinity)
    expect([...(await selectTop(scores, 4))]).toEqual([5, 1, 3, 0])
    expect([...(await selectTop(scores, 99))]).toEqual([5, 1, 3, 0, 4])
    expect([...(await selectTop(scores, 2, { start: Int32Array.of(5, 3) }))]).toEqual([1, 0])
  })

  it('passes over what lies near a row chosen before', async () => {
    const vectors = pointAt(0, 10, 90, 100, 180)
    const scores = Float32Array.of(5, 4, 3, 2, 1)
    const minDistance = 1 - Math.cos((20 * Math.PI) / 180)
    expect([...(await selectTop(scores, 5, { vectors, minDistance }))]).toEqual([0, 2, 4])
    expect([...(await selectTop(scores, 5, { vectors, minDistance, start: Int32Array.of(1) }))]).toEqual([2, 4])
  })

  it('passes over the same rows as one look at all pairs, across blocks', async () => {
    const vectors = makePatches(2500, 6, 40, 0.3)
    const scores = Float32Array.from({ length: 2500 }, (_, r) => (r * 7919) % 2500)
    const start = Int32Array.of(11, 500)
    const minDistance = 0.02
    const expected: number[] = []
    for (const row of [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!)) {
      if (start.includes(row) || expected.length === 300) continue
      if ([...start, ...expected].every((other) => measureBetween(vectors, row, other) >= minDistance))
        expected.push(row)
    }
    expect([...(await selectTop(scores, 300, { vectors, minDistance, start }))]).toEqual(expected)
    expect(expected).not.toEqual([...(await selectTop(scores, 300, { start }))])
  })

  it('refuses distances out of range or without vectors', async () => {
    const scores = Float32Array.of(1, 2)
    await expect(selectTop(scores, 1, { minDistance: 3 })).rejects.toThrow('from 0 to 2, got 3')
    await expect(selectTop(scores, 1, { minDistance: 0.1 })).rejects.toThrow(
      'Expected 2 vectors, one per score, got none.',
    )
    await expect(selectTop(scores, 0.5)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const signal = AbortSignal.abort()
    await expect(selectTop(scores, 1, { vectors: pointAt(0, 1), minDistance: 0.1 }, { signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})
