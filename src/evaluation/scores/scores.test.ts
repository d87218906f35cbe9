import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRng } from '#base'
import { createNumberJudge } from '../judge/numbers.ts'
import { bootstrap, bootstrapInTurns } from './bootstrap.ts'
import golden from './golden.json' with { type: 'json' }
import { testFlips } from './mcnemar.ts'
import { drawCurves, rankScores, weightedAveragePrecision, weightedRocArea } from './ranking.ts'
import { binReliability } from './reliability.ts'

const ranking = rankScores(Float64Array.from(golden.scores), Uint8Array.from(golden.positive))
const ones = new Float64Array(golden.scores.length).fill(1)
const weights = Float64Array.from(golden.weights)

describe(`scores against scikit-learn ${golden.versions['scikit-learn']}`, () => {
  test('areas and average precision, with ties and with weights', () => {
    expect(weightedRocArea(ranking, ones)).toBeCloseTo(golden.rocArea, 12)
    expect(weightedRocArea(ranking, weights)).toBeCloseTo(golden.weightedRocArea, 12)
    expect(weightedAveragePrecision(ranking, ones)).toBeCloseTo(golden.averagePrecision, 12)
    expect(weightedAveragePrecision(ranking, weights)).toBeCloseTo(golden.weightedAveragePrecision, 12)
  })

  test('bins of reliability', () => {
    const bins = binReliability(Float64Array.from(golden.sure), Uint8Array.from(golden.right))
    bins.forEach((bin, i) => {
      expect(bin.accuracy).toBeCloseTo(golden.reliability.accuracy[i]!, 12)
      expect(bin.score).toBeCloseTo(golden.reliability.score[i]!, 12)
    })
    expect(bins).toHaveLength(golden.reliability.score.length)
  })

  test('errors of numbers, with weights', () => {
    const judge = createNumberJudge(['grams'])
    golden.truth.forEach((grams, id) =>
      judge.add(
        { id, widthPx: 1, heightPx: 1, labels: [], values: { grams } },
        { widthPx: 1, heightPx: 1, values: { grams: golden.said[id]! } },
      ),
    )
    const { mae, rmse, r2 } = judge.finish().measure(weights)
    expect(mae).toBeCloseTo(golden.mae, 12)
    expect(rmse).toBeCloseTo(golden.rmse, 12)
    expect(r2).toBeCloseTo(golden.r2, 12)
  })

  test.each(golden.flips)(`flips $lost to $gained, by SciPy ${golden.versions.scipy}`, ({ lost, gained, p }) => {
    expect(testFlips(lost, gained)).toBeCloseTo(p, 10)
    expect(testFlips(gained, lost)).toBeCloseTo(p, 10)
  })
})

test('weights count rows as often as they say', () => {
  const rows = fc.array(fc.record({ score: fc.integer({ min: 0, max: 9 }), positive: fc.nat(1), weight: fc.nat(3) }), {
    minLength: 1,
    maxLength: 30,
  })
  fc.assert(
    fc.property(rows, (drawn) => {
      const rank = (some: typeof drawn) =>
        rankScores(
          Float64Array.from(some, (row) => row.score),
          Uint8Array.from(some, (row) => row.positive),
        )
      const repeated = drawn.flatMap((row) => Array.from({ length: row.weight }, () => row))
      const all = new Float64Array(repeated.length).fill(1)
      const said = Float64Array.from(drawn, (row) => row.weight)
      for (const figure of [weightedRocArea, weightedAveragePrecision]) {
        const [one, other] = [figure(rank(drawn), said), figure(rank(repeated), all)]
        if (one === null || other === null) expect(one).toBe(other)
        else expect(one).toBeCloseTo(other, 10)
      }
    }),
  )
})

test('curves end where all is found, and are thinned', () => {
  const [roc, precision] = drawCurves('x', ranking)
  expect([roc!.x.at(-1), roc!.y.at(-1), precision!.x.at(-1)]).toEqual([1, 1, 1])
  expect(roc!.x.length).toBeLessThanOrEqual(101)
  expect(drawCurves('x', rankScores(Float64Array.of(1), Uint8Array.of(1)))).toEqual([])
})

test('a bootstrap of some rows stays with them, and can be cancelled', async () => {
  const mean = (drawn: Float64Array) => ({ last: drawn[3]! + drawn[4]!, first: drawn[0]! })
  const among = Int32Array.of(3, 4)
  const { signal } = new AbortController()
  expect(await bootstrapInTurns(mean, 5, { rng: createRng(1), rounds: 20, among, signal })).toEqual({
    last: { low: 2, high: 2 },
    first: { low: 0, high: 0 },
  })
  expect(bootstrap(mean, 5, { rng: createRng(1), rounds: 20, among })).toEqual(
    await bootstrapInTurns(mean, 5, { rng: createRng(1), rounds: 20, among, signal }),
  )
  const cancelled = AbortSignal.abort()
  await expect(bootstrapInTurns(mean, 5, { rng: createRng(1), rounds: 20, signal: cancelled })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
})
