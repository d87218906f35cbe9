import { describe, expect, test } from 'vitest'
import { measureBoundary } from './boundary.ts'
import golden from './golden.json' with { type: 'json' }

/** Row-major pixels from the places where they change. */
function paint(changes: readonly number[], pixels: number): Uint8Array {
  const mask = new Uint8Array(pixels)
  for (let i = 0; i < changes.length; i += 2) mask.fill(1, changes[i], changes[i + 1])
  return mask
}

describe(`boundaries against SciPy ${golden.versions.scipy}`, () => {
  test.each(golden.cases)('$width × $height', ({ width, height, truth, predicted, f }) => {
    const [own, other] = [paint(truth, width * height), paint(predicted, width * height)]
    expect(measureBoundary(own, other, width, height)).toBeCloseTo(f, 12)
    expect(measureBoundary(other, own, width, height)).toBeCloseTo(f, 12)
  })
})

test('nothing on both sides is no figure, on one side it is 0', () => {
  const [empty, half] = [new Uint8Array(16), new Uint8Array(16).fill(1, 0, 8)]
  expect(measureBoundary(empty, empty, 4, 4)).toBeNull()
  expect(measureBoundary(half, empty, 4, 4)).toBe(0)
  expect(measureBoundary(half, half, 4, 4)).toBe(1)
})
