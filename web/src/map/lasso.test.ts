import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pointsInside, prepareLasso } from './lasso.ts'

/** The crossing number of W. R. Franklin's pnpoly. */
function isInsideByForce(polygon: Float32Array, x: number, y: number): boolean {
  const corners = polygon.length / 2
  let inside = false
  for (let i = 0; i < corners; i++) {
    const j = (i + 1) % corners
    const [x1, y1, x2, y2] = [polygon[2 * i]!, polygon[2 * i + 1]!, polygon[2 * j]!, polygon[2 * j + 1]!]
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside
  }
  return inside
}

const coordinate = fc.integer({ min: -40, max: 40 }).map((n) => n / 4)
const lines = fc
  .array(fc.tuple(coordinate, coordinate), { maxLength: 40 })
  .map((list) => Float32Array.from(list.flat()))

test('agrees with the crossing number of the whole line', () => {
  fc.assert(
    fc.property(lines, coordinate, coordinate, (polygon, x, y) => {
      expect(prepareLasso(polygon)(x, y)).toBe(isInsideByForce(polygon, x, y))
    }),
    { numRuns: 2_000 },
  )
})

test('a hollow shape holds what lies in its arms only', () => {
  // A U, open at the top.
  const polygon = Float32Array.of(0, 0, 10, 0, 10, 10, 7, 10, 7, 3, 3, 3, 3, 10, 0, 10)
  const places = Float32Array.of(1, 9, 5, 9, 9, 9, 5, 1, 5, 4, -1, 5, Number.NaN, 1)
  expect([...pointsInside(places, polygon, () => true)]).toEqual([0, 2, 3])
  expect([...pointsInside(places, polygon, (point) => point !== 2)]).toEqual([0, 3])
})

test('a line of fewer than three corners, or without height, holds nothing', () => {
  for (const polygon of [[], [1, 1], [0, 0, 5, 5], [0, 1, 5, 1, 9, 1]])
    expect(pointsInside(Float32Array.of(1, 1, 3, 3), Float32Array.from(polygon), () => true)).toHaveLength(0)
})
