import fc from 'fast-check'
import { expect, it } from 'vitest'
import { choosePrefetch, findPlace } from './order.ts'

it('finds a sample wherever the search begins', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 60 }), fc.nat(80), (list, near) => {
      const ids = Int32Array.from(list)
      for (const [place, id] of list.entries()) expect(findPlace(ids, id, near)).toBe(place)
      expect(findPlace(ids, 0, near)).toBe(-1)
    }),
  )
})

it('prepares the way ahead first, then the way back', () => {
  const ids = Int32Array.of(10, 11, 12, 13, 14, 15, 16)
  expect(choosePrefetch(ids, 2, 1)).toEqual([13, 11, 14, 15])
  expect(choosePrefetch(ids, 4, -1)).toEqual([13, 15, 12, 11])
  expect(choosePrefetch(ids, 6, 1)).toEqual([15])
  expect(choosePrefetch(ids, 0, -1)).toEqual([11])
  expect(choosePrefetch(ids, 3, 1, 1, 0)).toEqual([14])
  expect(choosePrefetch(ids, -1, 1)).toEqual([])
  expect(choosePrefetch(ids, 7, 1)).toEqual([])
})
