import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexPlaces } from './grid-index.ts'

const coordinate = fc.oneof(fc.double({ min: -20, max: 20, noNaN: true }), fc.integer({ min: -3, max: 3 }))
const clouds = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 300 })

function nearestByForce(places: Float32Array, x: number, y: number, radius: number, accept: (i: number) => boolean) {
  let best = -1
  let bestSquare = radius * radius
  for (let i = 0; i < places.length / 2; i++) {
    const square = (places[2 * i]! - x) ** 2 + (places[2 * i + 1]! - y) ** 2
    if (!accept(i) || square > bestSquare || (square === bestSquare && best >= 0)) continue
    best = i
    bestSquare = square
  }
  return best
}

test('finds what a search through all points finds', () => {
  fc.assert(
    fc.property(
      clouds,
      coordinate,
      coordinate,
      fc.double({ min: 0, max: 60, noNaN: true }),
      fc.integer({ min: 1, max: 3 }),
      (cloud, x, y, radius, every) => {
        const places = Float32Array.from(cloud.flat())
        const accept = (i: number): boolean => i % every === 0
        expect(indexPlaces(places).nearest(x, y, radius, accept)).toBe(nearestByForce(places, x, y, radius, accept))
      },
    ),
    { numRuns: 500 },
  )
})

test('points in one place, on a line and without a place', () => {
  expect(indexPlaces(new Float32Array(0)).nearest(0, 0, 10, () => true)).toBe(-1)
  expect(indexPlaces(Float32Array.of(2, 2, 2, 2)).nearest(2, 2.5, 1, () => true)).toBe(0)
  expect(indexPlaces(Float32Array.of(2, 2, 2, 2)).nearest(2, 2.5, 1, (i) => i === 1)).toBe(1)
  expect(indexPlaces(Float32Array.of(0, 5, 1, 5, 9, 5)).nearest(8, 5, 2, () => true)).toBe(2)
  expect(indexPlaces(Float32Array.of(Number.NaN, 0, 1, 1)).nearest(0, 0, 9, () => true)).toBe(1)
})
