import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compressCounts,
  decodeMask,
  decompressCounts,
  encodeMask,
  maskArea,
  maskBounds,
  rasterizePolygon,
  traceMask,
} from './index.ts'

const masks = fc
  .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })
      .map((pixels) => ({ width, height, pixels })),
  )

describe('run-length masks', () => {
  it('decode to the pixels they were made from', () => {
    fc.assert(
      fc.property(masks, ({ width, height, pixels }) => {
        const mask = encodeMask(pixels, width, height)
        expect(decodeMask(mask)).toEqual(pixels)
        expect(maskArea(mask)).toBe(pixels.reduce((sum, p) => sum + p, 0))
        expect(decompressCounts(compressCounts(mask.counts))).toEqual(mask.counts)
      }),
    )
  })

  it('know their bounds', () => {
    fc.assert(
      fc.property(masks, ({ width, height, pixels }) => {
        const xs: number[] = []
        const ys: number[] = []
        pixels.forEach((p, i) => p && (xs.push(i % width), ys.push(Math.floor(i / width))))
        const expected =
          xs.length === 0
            ? null
            : {
                x: Math.min(...xs),
                y: Math.min(...ys),
                w: Math.max(...xs) - Math.min(...xs) + 1,
                h: Math.max(...ys) - Math.min(...ys) + 1,
              }
        expect(maskBounds(encodeMask(pixels, width, height))).toEqual(expected)
      }),
    )
  })
})

describe('traceMask', () => {
  it('gives polygons that rasterise to the same pixels', () => {
    fc.assert(
      fc.property(masks, ({ width, height, pixels }) => {
        expect(rasterizePolygon(traceMask(pixels, width, height), width, height)).toEqual(pixels)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps a hole as a hole', () => {
    const ring = Uint8Array.from([1, 1, 1, 1, 0, 1, 1, 1, 1])
    const polygon = traceMask(ring, 3, 3)
    expect(polygon.parts).toHaveLength(1)
    expect(polygon.parts[0]).toHaveLength(2)
  })
})
