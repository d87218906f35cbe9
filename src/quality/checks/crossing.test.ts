import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crossesItself } from './crossing.ts'

/** Vertices on a circle by rising angle: convex, so simple. */
const convex = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => [
    Math.cos((2 * Math.PI * i) / n) * 100,
    Math.sin((2 * Math.PI * i) / n) * 100,
  ]).flat()

describe('crossesItself', () => {
  test.each([3, 4, 15, 16, 17, 200])('not a convex ring of %i', (n) => {
    expect(crossesItself(convex(n))).toBe(false)
  })

  test.each([
    ['a bow tie', [0, 0, 10, 10, 10, 0, 0, 10]],
    ['two points', [0, 0, 5, 5]],
    ['a spike', [0, 0, 10, 0, 10, 10, 10, 0, 0, 10]],
    ['a touch of a far side', [0, 0, 10, 0, 10, 10, 5, 0, 0, 10]],
    ['all on a line', [0, 0, 5, 5, 10, 10]],
  ])('%s', (_, ring) => {
    expect(crossesItself(ring)).toBe(true)
  })

  test.each([
    ['a closing point', [0, 0, 10, 0, 10, 10, 0, 10, 0, 0]],
    ['a point twice', [0, 0, 10, 0, 10, 0, 10, 10, 0, 10]],
    ['a point amid a side', [0, 0, 5, 0, 10, 0, 10, 10, 0, 10]],
    ['a deep bay', [0, 0, 10, 0, 10, 10, 5, 1, 0, 10]],
  ])('not %s', (_, ring) => {
    expect(crossesItself(ring)).toBe(false)
  })

  test('swapping two far points of a convex ring makes it cross, however many there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), fc.nat(), (n, seed) => {
        const ring = convex(n)
        const i = seed % n
        const j = (i + 2) % n
        for (const c of [0, 1]) [ring[2 * i + c], ring[2 * j + c]] = [ring[2 * j + c]!, ring[2 * i + c]!]
        expect(crossesItself(ring)).toBe(true)
      }),
    )
  })

  test('the sweep agrees with comparing all sides', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }))
    fc.assert(
      fc.property(fc.array(point, { minLength: 4, maxLength: 10 }), (points) => {
        // Points amid sides change nothing about crossing, and carry the ring over the bound from where it is swept.
        const dense = points.flatMap(([x, y], i) => {
          const [nx, ny] = points[(i + 1) % points.length]!
          return [0, 1, 2, 3].flatMap((k) => [x + ((nx - x) * k) / 4, y + ((ny - y) * k) / 4])
        })
        expect(crossesItself(dense)).toBe(crossesItself(points.flat()))
      }),
      { numRuns: 300 },
    )
  })
})
