import { expect, it } from 'vitest'
import { ignoredTarget } from '../../graph/loss.ts'
import { countPixels, measureCounts, startCounts } from './judge.ts'

it('measures pixels of any class as one, and the classes each by itself', () => {
  const counts = startCounts(3)
  countPixels(counts, Uint8Array.of(0, 1, 1, 2, 2, ignoredTarget), Uint8Array.of(0, 1, 2, 2, 0, 1))
  const { dice, iou, classDice } = measureCounts(counts)
  // Four true and three found pixels of some class, three of them both.
  expect(dice).toBeCloseTo(6 / 7, 12)
  expect(iou).toBeCloseTo(3 / 4, 12)
  // The first class: 2 true, 1 found, 1 shared; the second: 2, 2, 1.
  expect(classDice).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12)
})

it('nothing found where nothing is, is all right', () => {
  const counts = startCounts(2)
  countPixels(counts, Uint8Array.of(0, 0), Uint8Array.of(0, 0))
  expect(measureCounts(counts)).toEqual({ dice: 1, iou: 1, classDice: 1 })
})
