import fc from 'fast-check'
import { expect, it } from 'vitest'
import { allocateQuadtree, fillQuadtree } from './quadtree.ts'

const coordinate = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.integer({ min: 0, max: 3 }),
  fc.double({ min: 0, max: 1e-6, noNaN: true }),
)

it('holds every point in one leaf, and in every cell their mean', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(coordinate, coordinate), { maxLength: 120 }), (pairs) => {
      const points = Float64Array.from(pairs.flat())
      const tree = allocateQuadtree(pairs.length)
      for (let time = 0; time < 2; time++) {
        fillQuadtree(tree, points)
        expect([...tree.order].sort((a, b) => a - b)).toEqual(pairs.map((_, i) => i))
        expect(tree.cells).toBeLessThanOrEqual(tree.after.length)
        let leafPoints = 0
        for (let cell = 0; cell < tree.cells; cell++) {
          const own = tree.order.subarray(tree.first[cell], tree.last[cell])
          const width = Math.sqrt(tree.squareWidth[cell]!) * 1.0001 + 1e-12
          const xs = Array.from(own, (i) => points[i * 2]!)
          const ys = Array.from(own, (i) => points[i * 2 + 1]!)
          expect(tree.middleX[cell]).toBeCloseTo(xs.reduce((sum, x) => sum + x, 0) / xs.length, 9)
          expect(tree.middleY[cell]).toBeCloseTo(ys.reduce((sum, y) => sum + y, 0) / ys.length, 9)
          expect(Math.max(...xs) - Math.min(...xs)).toBeLessThanOrEqual(width)
          expect(Math.max(...ys) - Math.min(...ys)).toBeLessThanOrEqual(width)
          if (tree.after[cell] === cell + 1) leafPoints += own.length
        }
        expect(leafPoints).toBe(pairs.length)
        for (let i = 0; i < points.length; i++) points[i] = -points[i]! / 2
      }
    }),
  )
})

it('stays within its room for many groups that part late', () => {
  const groups = 40
  const points = new Float64Array(groups * 7 * 2)
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < 7; i++) {
      points[(g * 7 + i) * 2] = (g * 0.618) % 1
      points[(g * 7 + i) * 2 + 1] = g / groups + (i % 2) / 30_000
    }
  }
  const tree = allocateQuadtree(groups * 7)
  fillQuadtree(tree, points)
  expect(tree.cells).toBeGreaterThan(groups * 8)
  expect(tree.cells).toBeLessThanOrEqual(tree.after.length)
})
