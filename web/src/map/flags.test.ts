import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flagPoints, flagSelected, isFound, isHidden, isSelected, largestOf, markIds, orderPoints } from './flags.ts'

test('flags say what is found, selected, hidden and gone', () => {
  const ids = Int32Array.of(5, 1, 9, 5, 3)
  expect(largestOf(ids)).toBe(9)
  const marks = (list: number[]): Uint8Array => markIds(list, 9)
  const given = { codes: Uint8Array.of(0, 1, 2, 0, 255), hidden: new Set([255]) }
  const flags = flagPoints(ids, { ...given, found: marks([1, 5]), there: marks([1, 3, 5]) })
  expect([...flags]).toEqual([isFound, isFound, isHidden, isFound, isHidden])
  expect([...flagSelected(flags, ids, new Set([5, 77]))]).toEqual([3, isFound, isHidden, 3, isHidden])
  expect(flagSelected(flags, ids, new Set())).toBe(flags)
  expect([...flagPoints(ids, { ...given, codes: null, found: null, there: null })]).toEqual([1, 1, 1, 1, 1])
})

test('the drawing order has every point that is not hidden once, in its part', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 500 }), (list) => {
      const flags = Uint8Array.from(list)
      const { points, outside, inside, selected } = orderPoints(flags)
      const wanted = list.flatMap((bits, i) => ((bits & isHidden) === 0 ? [i] : []))
      expect([...points].sort((a, b) => a - b)).toEqual(wanted)
      expect(outside + inside + selected).toBe(points.length)
      points.forEach((point, k) => {
        const bits = flags[point]!
        if (k >= outside + inside) expect(bits & isSelected).toBe(isSelected)
        else expect(bits & (isSelected | isFound)).toBe(k < outside ? 0 : isFound)
      })
    }),
  )
})

test('the first few stand for all: no stretch of a sorted dataset is left out', () => {
  const { points } = orderPoints(new Uint8Array(100_000).fill(isFound))
  const perTenth = Array.from({ length: 10 }, () => 0)
  for (const point of points.subarray(0, 1_000)) perTenth[Math.floor(point / 10_000)]!++
  for (const count of perTenth) expect(Math.abs(count - 100)).toBeLessThanOrEqual(2)
})
