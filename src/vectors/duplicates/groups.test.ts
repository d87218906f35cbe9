import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupPairs, type DuplicatePair } from './groups.ts'
import { measureAgainst } from './measure.ts'

const link = (a: number, b: number, score = 1, by: DuplicatePair['by'] = 'embedding'): DuplicatePair => ({
  a,
  b,
  score,
  by,
})

const someRows = 12
const somePairs = fc.array(
  fc.record({
    a: fc.nat(someRows - 1),
    b: fc.nat(someRows - 1),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    by: fc.constantFrom<DuplicatePair['by']>('hash', 'pixels', 'embedding'),
  }),
  { maxLength: 20 },
)

describe('groupPairs', () => {
  it('describes the groups', () => {
    const { group, groups } = groupPairs(7, [
      link(5, 4, 0.9, 'pixels'),
      link(1, 6, 0.8),
      link(6, 3, 0.6),
      link(3, 6, 0.7, 'hash'),
    ])
    expect([...group]).toEqual([-1, 0, -1, 0, 1, 1, 0])
    expect(groups).toEqual([
      {
        rows: [1, 3, 6],
        scores: [0.8, 0.7, 0.8],
        kept: 6,
        minScore: 0.7,
        meanScore: 0.75,
        methods: ['hash', 'embedding'],
      },
      { rows: [4, 5], scores: [0.9, 0.9], kept: 4, minScore: 0.9, meanScore: 0.9, methods: ['pixels'] },
    ])
  })

  it('joins exactly the rows a path of pairs joins', () => {
    fc.assert(
      fc.property(somePairs, (pairs) => {
        const { group, groups } = groupPairs(someRows, pairs)
        const reach = Array.from({ length: someRows }, (_, i) => Array.from({ length: someRows }, (__, j) => i === j))
        for (const { a, b } of pairs) reach[a]![b] = reach[b]![a] = true
        for (let via = 0; via < someRows; via++)
          for (let i = 0; i < someRows; i++)
            for (let j = 0; j < someRows; j++) if (reach[i]![via]! && reach[via]![j]!) reach[i]![j] = true
        for (let i = 0; i < someRows; i++)
          for (let j = 0; j < someRows; j++)
            if (i !== j) expect(group[i]! >= 0 && group[i] === group[j]).toBe(reach[i]![j])
        expect(groups.map(({ rows }) => rows[0]!)).toEqual(groups.map(({ rows }) => rows[0]!).sort((x, y) => x - y))
        for (const [index, { rows, kept, minScore, meanScore }] of groups.entries()) {
          for (const row of rows) expect(group[row]).toBe(index)
          expect(rows).toContain(kept)
          expect(minScore).toBeLessThanOrEqual(meanScore + 1e-12)
        }
      }),
    )
  })

  it('cuts a chain where its ends are too far apart', () => {
    const frames = Array.from({ length: 9 }, (_, i) => link(i, i + 1, 0.95))
    const score = (a: number, b: number): number => 1 - 0.05 * Math.abs(a - b)
    expect(groupPairs(10, frames).groups).toHaveLength(1)
    const { group, groups } = groupPairs(10, frames, { maxSpread: { minScoreToRepresentative: 0.9, score } })
    expect([...group]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    expect(groups.map(({ kept }) => kept)).toEqual([1, 5, 8])
    expect(groups[0]!.minScore).toBeCloseTo(0.9)
    expect(groups[0]!.scores.map((value) => Math.round(value * 100))).toEqual([95, 95, 95, 95])
  })

  it('leaves a group whole where every member is near the kept row, and asks nothing that a pair says', () => {
    const star = [link(2, 0, 0.9), link(2, 1, 0.9), link(2, 3, 0.9)]
    const score = (): number => {
      throw new Error('asked')
    }
    expect(groupPairs(4, star, { maxSpread: { minScoreToRepresentative: 0.9, score } })).toEqual(groupPairs(4, star))
  })

  it('keeps every member of a cut group near its kept row', () => {
    fc.assert(
      fc.property(somePairs, fc.nat(5), (pairs, reach) => {
        const score = (a: number, b: number): number => -Math.abs(a - b)
        const near = pairs.map((pair) => ({ ...pair, score: score(pair.a, pair.b) }))
        const { groups } = groupPairs(someRows, near, { maxSpread: { minScoreToRepresentative: -reach, score } })
        const whole = groupPairs(someRows, near)
        for (const { rows, minScore } of groups) {
          expect(rows.length).toBeGreaterThan(1)
          expect(rows.some((kept) => rows.every((row) => score(kept, row) >= -reach))).toBe(true)
          expect(new Set(rows.map((row) => whole.group[row])).size).toBe(1)
          expect(Number.isFinite(minScore)).toBe(true)
        }
      }),
    )
  })

  it('refuses rows that do not exist and scores that are no numbers', () => {
    expect(() => groupPairs(3, [link(0, 3)])).toThrow('Expected pairs of rows 0 to 2, got 0 and 3.')
    expect(() => groupPairs(3, [link(0, 1, NaN)])).toThrow('Expected a score of rows 0 and 1, got NaN.')
    expect(groupPairs(3, [link(1, 1)]).groups).toEqual([])
  })
})

describe('measureAgainst', () => {
  it('counts found, missed and false pairs', () => {
    const found = groupPairs(8, [link(0, 1), link(1, 2), link(3, 4), link(5, 6)])
    expect(
      measureAgainst(found, [
        [0, 1],
        [1, 2],
        [3, 4],
        [4, 7],
      ]),
    ).toEqual({
      recall: 0.75,
      pairs: 5,
      falsePairShare: 1 / 5,
      falseGroupShare: 1 / 3,
    })
    expect(measureAgainst(groupPairs(2, []), [])).toEqual({
      recall: 1,
      pairs: 0,
      falsePairShare: 0,
      falseGroupShare: 0,
    })
    expect(() => measureAgainst(found, [[0, 8]])).toThrow('Expected true pairs of rows 0 to 7, got 0 and 8.')
  })
})
