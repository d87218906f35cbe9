import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { assignSplits } from './assign.ts'
import { findLeaks } from './leaks.ts'

const ratios = [
  { name: 'train', share: 0.7 },
  { name: 'val', share: 0.2 },
  { name: 'test', share: 0.1 },
]
const run = (request: Omit<Parameters<typeof assignSplits>[0], 'ratios' | 'rng'>, seed = 0) =>
  assignSplits({ ratios, rng: createRng(seed), ...request })

describe('splits', () => {
  it('are to the row without groups, in every stratum', () => {
    const strata = Array.from({ length: 1_000 }, (_, row) => ['a', 'b', 'c', undefined][row % 4])
    const { report } = run({ rows: 1_000, strata })
    expect(report.splits.map(({ count }) => count)).toEqual([700, 200, 100])
    for (const { strata: counts, wanted } of report.splits)
      for (const count of Object.values(counts)) expect(Math.abs(count - wanted * 250)).toBeLessThanOrEqual(1)
    expect(report.notes).toEqual([])
  })

  it('keep their sizes when there are as many strata as rows', () => {
    const strata = Array.from({ length: 100 }, (_, row) => `own ${row}`)
    expect(run({ rows: 100, strata }).report.splits.map(({ count }) => count)).toEqual([70, 20, 10])
  })

  it('say what they could not do', () => {
    const groups = Int32Array.from({ length: 20 }, (_, row) => (row < 15 ? 0 : -1))
    const strata = Array.from({ length: 20 }, (_, row) => (row < 19 ? 'common' : 'rare'))
    const { split, report } = assignSplits({
      rows: 20,
      groups,
      strata,
      ratios: [
        { name: 'a', share: 0.5 },
        { name: 'b', share: 0.5 },
      ],
      rng: createRng(0),
    })
    expect(new Set(split.subarray(0, 15)).size).toBe(1)
    expect(report.notes.join('\n')).toMatch(/has 15 samples, wanted 10: groups/)
    expect(report.notes.join('\n')).toMatch(/has no sample of rare: too few/)
  })

  it('never divide a group, give every row one split, and are the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ group: fc.integer({ min: -1, max: 12 }), stratum: fc.constantFrom('a', 'b', undefined) }),
          { minLength: 1, maxLength: 120 },
        ),
        fc.nat(100),
        (drawn, seed) => {
          const groups = Int32Array.from(drawn, ({ group }) => group)
          const strata = drawn.map(({ stratum }) => stratum)
          const { split, report } = run({ rows: drawn.length, groups, strata }, seed)
          expect(split.every((one) => one >= 0 && one < 3)).toBe(true)
          for (let group = 0; group <= 12; group++)
            expect(new Set(split.filter((_, row) => groups[row] === group)).size).toBeLessThanOrEqual(1)
          expect(report.splits.reduce((sum, { count }) => sum + count, 0)).toBe(drawn.length)
          report.splits.forEach(({ count, strata: counts }, s) => {
            expect(count).toBe(split.filter((one) => one === s).length)
            expect(Object.values(counts).reduce((sum, one) => sum + one, 0)).toBe(count)
          })
          expect(run({ rows: drawn.length, groups, strata }, seed).split).toEqual(split)
        },
      ),
    )
  })

  it('come near their shares with many small groups', () => {
    const rng = createRng(3)
    const groups = Int32Array.from({ length: 3_000 }, (_, row) => Math.floor(row / 6))
    const kinds = Array.from({ length: 500 }, () => rng.pick(['a', 'a', 'a', 'b', 'b', 'c']))
    const strata = Array.from(groups, (group) => kinds[group]!)
    const { report } = run({ rows: 3_000, groups, strata })
    for (const { share, wanted } of report.splits) expect(Math.abs(share - wanted)).toBeLessThan(0.01)
  })
})

describe('leaks', () => {
  it('are pairs in different splits, each once, most alike first', () => {
    const pairs = [
      { a: 0, b: 1, score: 0.96, by: 'pixels' as const },
      { a: 0, b: 1, score: 1, by: 'hash' as const },
      { a: 1, b: 2, score: 0.99, by: 'pixels' as const },
      { a: 2, b: 3, score: 0.99, by: 'pixels' as const },
      { a: 3, b: 4, score: 0.99, by: 'pixels' as const },
    ]
    const { leaks, between } = findLeaks(pairs, ['train', 'val', 'val', 'train', undefined])
    expect(leaks.map(({ a, b, score }) => [a, b, score])).toEqual([
      [0, 1, 1],
      [2, 3, 0.99],
    ])
    expect(between).toEqual([{ a: 'train', b: 'val', pairs: 2 }])
  })
})
