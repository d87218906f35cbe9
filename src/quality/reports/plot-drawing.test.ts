import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrangePlot, arrangeTrend, type PlotInput } from './plot-drawing.ts'

const histogram: PlotInput = {
  kind: 'histogram',
  unit: 'brightness',
  edges: [0, 0.5, 1],
  names: [],
  counts: [1, 3],
  reference: null,
  marks: [],
}

describe('plots', () => {
  test('bars stand as high as counts, edges where they are', () => {
    const drawing = arrangePlot(histogram)!
    const [low, high] = drawing.bars
    expect(high!.height / low!.height).toBeCloseTo(3, 1)
    expect(high!.x - low!.x).toBeCloseTo((600 - 52 - 12) / 2, 1)
    expect(low!.says).toBe('0 to 0.5: 1')
  })

  test('two sets of different sizes are compared by their shares', () => {
    const drawing = arrangePlot({ ...histogram, reference: [100, 300] })!
    expect(drawing.isShare).toBe(true)
    // The outline of the reference runs along the tops of the bars: the shares are the same.
    for (const { y } of drawing.bars) expect(drawing.reference).toContain(`V${y}`)
  })

  test('a threshold near the bins widens the axis, one far off is named at its end', () => {
    const near = arrangePlot({ ...histogram, marks: [{ at: 2, label: '≤ 2' }] })!
    expect(near.texts.map(({ text }) => text)).toContain('2')
    expect(near.marks[0]!.label.text).toBe('≤ 2')
    const far = arrangePlot({ ...histogram, marks: [{ at: 1_000, label: '≤ 1000' }] })!
    expect(far.marks[0]!.label.text).toBe('≤ 1000 →')
    expect(far.texts.map(({ text }) => text)).toContain('1')
  })

  test('bars beyond the 24th are counted', () => {
    const names = Array.from({ length: 30 }, (_, i) => `class ${i}`)
    const drawing = arrangePlot({ ...histogram, kind: 'bars', edges: [], names, counts: names.map((_, i) => i) })!
    expect(drawing.bars).toHaveLength(24)
    expect(drawing.texts.map(({ text }) => text)).toContain('and 6 more')
  })

  test.each([
    ['no counts', { counts: [] }],
    ['too few edges', { edges: [0, 1] }],
    ['edges that fall', { edges: [0, 2, 1] }],
    ['a count below zero', { counts: [1, -1] }],
    ['bars without names', { kind: 'bars' as const }],
  ])('what cannot be drawn is not: %s', (_, change) => {
    expect(arrangePlot({ ...histogram, ...change })).toBeUndefined()
  })

  test('everything that is drawn lies inside', () => {
    const count = fc.integer({ min: 0, max: 1e6 })
    fc.assert(
      fc.property(
        fc.constantFrom('histogram' as const, 'bars' as const),
        fc.array(count, { minLength: 1, maxLength: 40 }),
        fc.option(fc.array(count, { minLength: 1, maxLength: 40 }), { nil: null }),
        fc.array(fc.record({ at: fc.double({ noNaN: true }), label: fc.string() }), { maxLength: 3 }),
        (kind, counts, reference, marks) => {
          const edges = [...counts.keys(), counts.length].map((i) => i / 3)
          const names = counts.map(String)
          const drawing = arrangePlot({ kind, unit: 'x', edges, names, counts, reference, marks })!
          for (const { x, y, width, height } of drawing.bars) {
            expect(Math.min(x, y, width, height)).toBeGreaterThanOrEqual(0)
            expect(x + width).toBeLessThanOrEqual(drawing.width)
            expect(y + height).toBeLessThanOrEqual(drawing.height)
          }
          expect(JSON.stringify(drawing)).not.toMatch(/NaN|Infinity|:null,"label/)
        },
      ),
    )
  })
})

describe('trends', () => {
  test('one figure is no trend', () => {
    expect(arrangeTrend([1])).toBeUndefined()
    expect(arrangeTrend([null, 1])).toBeUndefined()
  })

  test('runs from old to new, higher figures higher, with gaps where there was none', () => {
    const { path, points } = arrangeTrend([1, 3, null, 2])!
    expect(points.map(({ index }) => index)).toEqual([0, 1, 3])
    expect(points.map(({ y }) => y)).toEqual([24, 4, 14])
    expect(path.replaceAll(/[\d.]+ [\d.]+/g, '')).toBe('MLM')
  })

  test('figures that never change stand in the middle', () => {
    expect(arrangeTrend([5, 5])!.points.map(({ y }) => y)).toEqual([14, 14])
  })
})
