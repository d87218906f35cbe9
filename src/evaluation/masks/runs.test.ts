import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMask, encodeMask } from '#base'
import { countRuns, countShared, uniteMasks } from './runs.ts'

const [width, height] = [7, 5]
const pixels = fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })

test('runs count what pixels count', () => {
  fc.assert(
    fc.property(fc.array(pixels, { maxLength: 4 }), fc.array(pixels, { maxLength: 3 }), (ones, others) => {
      const unite = (all: readonly Uint8Array[]): Uint8Array =>
        Uint8Array.from({ length: width * height }, (_, i) => (all.some((mask) => mask[i] === 1) ? 1 : 0))
      const [one, other] = [unite(ones), unite(others)]
      const runsOf = (all: readonly Uint8Array[]) => uniteMasks(all.map((mask) => encodeMask(mask, width, height)))
      expect(countRuns(runsOf(ones))).toBe(one.reduce((sum, pixel) => sum + pixel, 0))
      expect(countShared(runsOf(ones), runsOf(others))).toBe(
        one.reduce((sum, pixel, i) => sum + (pixel & other[i]!), 0),
      )
    }),
  )
})

test('a mask is its runs', () => {
  const mask = encodeMask(Uint8Array.of(0, 1, 1, 0, 1, 0), 3, 2)
  expect(countRuns(uniteMasks([mask]))).toBe(decodeMask(mask).reduce((sum, pixel) => sum + pixel, 0))
})
