import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexIds } from './id-index.ts'
import {
  clampAspect,
  eachOfRow,
  itemsIn,
  layOut,
  placeOf,
  rowAt,
  rowOfItem,
  stepItem,
  type LayoutOptions,
} from './layout.ts'
import { findAgain } from './places.ts'
import { scaleScroll, tallestPx } from './scroll-scale.ts'

const options: LayoutOptions = { widthPx: 400, zoomPx: 100, mode: 'justified', gapPx: 4, headingPx: 30 }
const someAspects = fc
  .array(fc.double({ min: 0.05, max: 20, noNaN: true }), { maxLength: 200 })
  .map((all) => Float32Array.from(all))

describe('layOut', () => {
  it('fills every row but the last, keeps aspects and order', () => {
    fc.assert(
      fc.property(
        someAspects,
        fc.integer({ min: 24, max: 300 }),
        fc.integer({ min: 320, max: 2000 }),
        (aspects, zoomPx, widthPx) => {
          const layout = layOut(aspects, null, { ...options, zoomPx, widthPx })
          let next = 0
          for (let row = 0; row < layout.rows; row++) {
            expect(layout.starts[row]).toBe(next)
            next = layout.ends[row]!
            let right = 0
            eachOfRow(layout, row, (item, { x, w, h }) => {
              expect(w / h).toBeCloseTo(clampAspect(aspects[item]!), 3)
              right = x + w
            })
            expect(right).toBeLessThanOrEqual(widthPx + 0.5)
            if (row < layout.rows - 1) expect(right).toBeCloseTo(widthPx, 1)
          }
          expect(next).toBe(aspects.length)
        },
      ),
    )
  })

  it('breaks rows where their height is nearest to the zoom', () => {
    // Three squares make a row of 130 px, four one of 97: the latter is nearer to 100.
    const layout = layOut(new Float32Array(9).fill(1), null, options)
    expect([...layout.starts]).toEqual([0, 4, 8])
    expect(layout.heights[0]).toBeCloseTo(97)
    // What is left keeps the zoom.
    expect(layout.heights[2]).toBe(100)
    expect(layout.heightPx).toBeCloseTo(97 * 2 + 100 + 12)
  })

  it('makes equal squares over the whole width', () => {
    const layout = layOut(Float32Array.of(0.5, 2, 1, 3, 9), null, { ...options, mode: 'square', zoomPx: 130 })
    expect([...layout.starts]).toEqual([0, 3])
    expect(placeOf(layout, 2)!.x + placeOf(layout, 2)!.w).toBeCloseTo(400)
    expect(placeOf(layout, 4)).toMatchObject({ x: placeOf(layout, 1)!.x, w: layout.heights[0] })
  })

  it('puts headings before sections and hides what is collapsed', () => {
    const layout = layOut(
      new Float32Array(10).fill(1),
      [
        { start: 0, count: 5, collapsed: false },
        { start: 5, count: 3, collapsed: true },
        { start: 8, count: 2, collapsed: false },
      ],
      options,
    )
    expect([...layout.sections]).toEqual([0, -1, -1, 1, 2, -1])
    expect([0, 4, 5, 7, 8].map((item) => rowOfItem(layout, item))).toEqual([1, 2, -1, -1, 5])
    expect(placeOf(layout, 6)).toBe(null)
    expect(layout.tops[1]).toBe(34)
  })

  it('takes a width of nothing, and aspects that are none', () => {
    expect(layOut(new Float32Array(0), null, options)).toMatchObject({ rows: 0, heightPx: 0 })
    const odd = layOut(Float32Array.of(NaN, 0, Infinity, -1, 1e-9), null, options)
    expect(odd.rows).toBeGreaterThan(0)
    expect([...odd.heights].every((height) => height > 0)).toBe(true)
  })
})

describe('places', () => {
  it('finds the row at a height and the items in a rectangle', () => {
    fc.assert(
      fc.property(someAspects, fc.nat(5000), (aspects, y) => {
        const layout = layOut(aspects, null, options)
        if (layout.rows === 0) return
        const row = rowAt(layout, y)
        expect(layout.tops[row]).toBeLessThanOrEqual(y)
        if (row + 1 < layout.rows) expect(layout.tops[row + 1]).toBeGreaterThan(y)
        const area = { x: 50, y, w: 120, h: 150 }
        const touched = [...aspects.keys()].filter((item) => {
          const place = placeOf(layout, item)!
          const isBeside = place.x > area.x + area.w || place.x + place.w < area.x
          return !isBeside && place.y <= area.y + area.h && place.y + place.h >= area.y
        })
        expect(itemsIn(layout, area)).toEqual(touched)
      }),
    )
  })

  it('steps over rows, headings and pages', () => {
    const layout = layOut(
      new Float32Array(12).fill(1),
      [
        { start: 0, count: 8, collapsed: false },
        { start: 8, count: 4, collapsed: false },
      ],
      options,
    )
    const step = (item: number, key: string): number | null => stepItem(layout, item, key, 220)
    expect(step(3, 'ArrowRight')).toBe(4)
    expect(step(4, 'ArrowLeft')).toBe(3)
    expect(step(0, 'ArrowLeft')).toBe(null)
    expect(step(1, 'ArrowDown')).toBe(5)
    expect(step(5, 'ArrowDown')).toBe(9)
    expect(step(9, 'ArrowUp')).toBe(5)
    expect(step(7, 'ArrowRight')).toBe(8)
    expect([step(5, 'Home'), step(5, 'End')]).toEqual([0, 11])
    expect([step(1, 'PageDown'), step(11, 'PageDown'), step(9, 'PageUp')]).toEqual([9, 11, 1])
    expect(step(1, 'Enter')).toBe(null)
  })
})

describe('scaleScroll', () => {
  it('leaves offsets alone where the content fits', () => {
    const scale = scaleScroll(50_000, 800)
    expect([scale.isScaled, scale.elementPx, scale.toContent(123), scale.toElement(123)]).toEqual([
      false,
      50_000,
      123,
      123,
    ])
  })

  it('reaches both ends of any height, and comes back to where it was', () => {
    const content = 1_000_000_000
    const scale = scaleScroll(content, 800)
    expect(scale.elementPx).toBe(tallestPx)
    expect(scale.toContent(0)).toBe(0)
    expect(scale.toContent(tallestPx - 800)).toBeCloseTo(content - 800, 3)
    fc.assert(
      fc.property(fc.double({ min: 0, max: content - 800, noNaN: true }), (offset) => {
        expect(scale.toContent(scale.toElement(offset))).toBeCloseTo(offset, 3)
      }),
    )
  })
})

it('finds ids, few and far between or many', () => {
  for (const ids of [Int32Array.of(5, 2, 9, 2), Int32Array.of(900_000_000, 2, 5, 2)]) {
    const find = indexIds(ids)
    expect([...ids].map(find)).toEqual([0, 1, 2, 1])
    expect([find(3), find(-1), find(2_000_000_000)]).toEqual([-1, -1, -1])
  }
})

it('finds the next sample that is still there', () => {
  const anchor = { sample: 2, item: 1, share: 0, viewportY: 0 }
  const old = Int32Array.of(1, 2, 3, 4)
  const among = (...ids: number[]): number => {
    const next = Int32Array.from(ids)
    return findAgain(anchor, old, { ids: next, find: indexIds(next) })
  }
  expect([among(9, 8, 2), among(1, 4, 3), among(1), among()]).toEqual([2, 2, 0, -1])
})
