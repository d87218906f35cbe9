import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPixelPool } from './pixels.ts'
import { measureRanked, rankScores } from './ranked.ts'
import { labelRegions } from './regions.ts'

interface Figures {
  rocArea: number
  averagePrecision: number
  f1: number
  threshold: number
}
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as {
  width: number
  height: number
  masks: number[][]
  maps: number[][]
  pixels: Figures & { regionOverlap: number; regions: number }
  pictures: Figures
  pictureScores: number[]
}

const poolGolden = (): ReturnType<typeof createPixelPool> => {
  const pool = createPixelPool()
  golden.maps.forEach((map, i) =>
    pool.add({
      widthPx: golden.width,
      heightPx: golden.height,
      scores: Float32Array.from(map),
      truth: Uint8Array.from(golden.masks[i]!),
    }),
  )
  return pool
}

describe('figures of anomalies', () => {
  it('equal scikit-learn for pictures and for pooled pixels, ties and all', () => {
    const pictures = measureRanked(
      rankScores(
        golden.pictureScores,
        golden.masks.map((mask) => Math.max(...mask)),
      ),
    )
    for (const [found, expected] of [
      [pictures, golden.pictures],
      [poolGolden().measure(), golden.pixels],
    ] as const) {
      expect(found.rocArea).toBeCloseTo(expected.rocArea, 12)
      expect(found.averagePrecision).toBeCloseTo(expected.averagePrecision, 12)
      expect(found.bestF1!.f1).toBeCloseTo(expected.f1, 12)
      expect(found.bestF1!.threshold).toBeCloseTo(expected.threshold, 6)
    }
  })

  it('count regions and their overlap as the definition does', () => {
    const { regionOverlap, regions } = poolGolden().measure()
    expect(regions).toBe(golden.pixels.regions)
    expect(regionOverlap).toBeCloseTo(golden.pixels.regionOverlap, 12)
  })

  it('answer nothing where one side is empty', () => {
    const nothing = { rocArea: null, averagePrecision: null, bestF1: null }
    expect(measureRanked(rankScores([1, 2], [0, 0]))).toEqual(nothing)
    expect(measureRanked(rankScores([1, 2], [1, 1]))).toEqual(nothing)
    const pool = createPixelPool()
    pool.add({ widthPx: 2, heightPx: 1, scores: Float32Array.of(1, 2), truth: new Uint8Array(2) })
    expect(pool.measure()).toEqual({ ...nothing, regionOverlap: null, regions: 0 })
  })

  it('refuse maps of other sizes than they say', () => {
    const wrong = { widthPx: 3, heightPx: 1, scores: new Float32Array(2), truth: new Uint8Array(3) }
    expect(() => createPixelPool().add(wrong)).toThrow(/Expected 3 × 1 scores/)
  })

  it('give the share of pairs in order as ROC area, whatever the scores', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean())
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), (rows) => {
        const of = (wanted: boolean): number[] => rows.filter(([, is]) => is === wanted).map(([score]) => score)
        const [normal, abnormal] = [of(false), of(true)]
        fc.pre(normal.length > 0 && abnormal.length > 0)
        let pairs = 0
        for (const a of abnormal) for (const n of normal) pairs += a > n ? 1 : a === n ? 0.5 : 0
        const figures = measureRanked(
          rankScores(
            rows.map(([score]) => score),
            rows.map(([, is]) => Number(is)),
          ),
        )
        expect(figures.rocArea).toBeCloseTo(pairs / (normal.length * abnormal.length), 10)
        const { f1, threshold } = figures.bestF1!
        const hits = abnormal.filter((score) => score >= threshold).length
        const misses = normal.filter((score) => score >= threshold).length
        expect(f1).toBeCloseTo((2 * hits) / (hits + misses + abnormal.length), 10)
      }),
    )
  })
})

it('regions join over corners', () => {
  const mask = Uint8Array.from([1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0])
  const { labels, count } = labelRegions(mask, 4)
  expect(count).toBe(3)
  expect([...labels]).toEqual([1, 0, 0, 2, 0, 1, 0, 2, 0, 0, 0, 0, 3, 3, 0, 0])
})
