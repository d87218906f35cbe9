import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRng } from '#base'
import { decideMask } from './decide-mask.ts'
import { leadBack, type MapGeometry } from './lead-back.ts'

/** Every channel led back to every pixel. */
function decideSlowly(
  values: Float32Array,
  channels: number,
  geometry: MapGeometry,
  picture: { widthPx: number; heightPx: number },
  { first, floor }: { first: number; floor: number },
): { data: Uint8Array; margins: Float64Array; sums: Float64Array } {
  const data = new Uint8Array(picture.widthPx * picture.heightPx)
  const margins = new Float64Array(data.length).fill(Infinity)
  const sums = new Float64Array(channels + first)
  leadBack(values, channels, geometry, picture, (y, row, outside) => {
    for (let x = 0; x < picture.widthPx; x++) {
      if (outside[x] === 1) continue
      const own = Array.from({ length: channels }, (_, channel) => row[channel * picture.widthPx + x]!)
      const ranked = [...own, floor].toSorted((a, b) => b - a)
      const at = y * picture.widthPx + x
      margins[at] = ranked[0]! - (ranked[1] ?? -Infinity)
      if (ranked[0]! <= floor) continue
      const number = own.indexOf(ranked[0]!) + first
      data[at] = number
      sums[number]! += ranked[0]!
    }
  })
  return { data, margins, sums }
}

it('decides as if every channel had been led back to every pixel', () => {
  const sizes = fc.integer({ min: 1, max: 9 })
  const pixels = fc.integer({ min: 1, max: 40 })
  fc.assert(
    fc.property(
      fc.record({ seed: fc.nat(), channels: fc.integer({ min: 1, max: 5 }), width: sizes, height: sizes }),
      fc.record({ widthPx: pixels, heightPx: pixels }),
      fc.record({ crop: fc.double({ min: 0.5, max: 1.4, noNaN: true }), shift: fc.integer({ min: -3, max: 3 }) }),
      fc.boolean(),
      ({ seed, channels, width, height }, picture, { crop, shift }, background) => {
        const rng = createRng(String(seed))
        // Areas of one class, as networks answer, so that there are cells on either way.
        const favourite = rng.integer(0, channels)
        const values = Float32Array.from({ length: channels * width * height }, (_, i) => {
          const channel = Math.floor(i / (width * height))
          return rng.next() < 0.7 ? Number(channel === favourite) * 0.9 : rng.next()
        })
        const geometry: MapGeometry = {
          placement: {
            scaleX: (crop * 16) / picture.widthPx,
            scaleY: 16 / picture.heightPx,
            offsetX: shift,
            offsetY: 0,
          },
          inputWidthPx: 16,
          inputHeightPx: 16,
          width,
          height,
        }
        const rule = background ? { first: 0, floor: -1 } : { first: 1, floor: 0.5 }
        const slow = decideSlowly(values, channels, geometry, picture, rule)
        const fast = decideMask(values, channels, geometry, picture, rule)
        for (const [at, margin] of slow.margins.entries()) {
          // Where two are equal to the last bits, rounding may choose either.
          if (margin > 1e-6) expect(fast.data[at]).toBe(slow.data[at])
        }
        for (let number = 1; number < fast.counts.length; number++)
          expect(fast.counts[number]).toBe(fast.data.filter((each) => each === number).length)
        if (slow.margins.every((margin) => margin > 1e-6))
          for (let number = 1; number < fast.sums.length; number++)
            expect(fast.sums[number]).toBeCloseTo(slow.sums[number]!, 2)
      },
    ),
    { numRuns: 100 },
  )
})

it('adds up the probability of what won', () => {
  const geometry: MapGeometry = {
    placement: { scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 },
    inputWidthPx: 2,
    inputHeightPx: 2,
    width: 2,
    height: 2,
  }
  const values = Float32Array.of(0.75, 0.25, 0.25, 0.25, 0.25, 0.75, 0.5, 0.25)
  const size = { widthPx: 2, heightPx: 2 }
  const withBackground = decideMask(values, 2, geometry, size, { first: 0, floor: -1 })
  expect([...withBackground.data]).toEqual([0, 1, 1, 0])
  expect(withBackground.sums[1]).toBeCloseTo(1.25)
  const without = decideMask(values, 2, geometry, size, { first: 1, floor: 0.6 })
  expect([...without.data]).toEqual([1, 2, 0, 0])
  expect([...without.counts]).toEqual([0, 1, 1])
})
