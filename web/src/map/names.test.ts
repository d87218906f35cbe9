import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseNames, middlesOf } from './names.ts'

const size = { width: 400, height: 300 }
const name = fc.record({
  x: fc.integer({ min: -50, max: 450 }),
  y: fc.integer({ min: -50, max: 350 }),
  width: fc.integer({ min: 10, max: 120 }),
  height: fc.constant(16),
})

test('no two names touch, and none is left out without need', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 40 }), (names) => {
      const drawn = chooseNames(names, size)
      const touches = (a: number, b: number): boolean =>
        Math.abs(names[a]!.x - names[b]!.x) < (names[a]!.width + names[b]!.width) / 2 + 3 &&
        Math.abs(names[a]!.y - names[b]!.y) < 16 + 3
      const isSeen = (i: number): boolean =>
        names[i]!.x >= 0 && names[i]!.x <= size.width && names[i]!.y >= 0 && names[i]!.y <= size.height
      for (const a of drawn) {
        expect(isSeen(a)).toBe(true)
        for (const b of drawn) expect(a !== b && touches(a, b)).toBe(false)
      }
      names.forEach((_, i) => {
        if (drawn.includes(i) || !isSeen(i)) return
        expect(drawn.some((other) => other < i && touches(other, i))).toBe(true)
      })
    }),
  )
})

test('middles of groups, the largest first', () => {
  const places = Float32Array.of(0, 0, 2, 2, 10, 0, 20, 0, 30, 3, 7, 7, Number.NaN, 1)
  expect(middlesOf(places, Uint8Array.of(1, 1, 0, 0, 0, 255, 1), 3)).toEqual([
    { code: 0, count: 3, x: 20, y: 1 },
    { code: 1, count: 2, x: 1, y: 1 },
  ])
})
