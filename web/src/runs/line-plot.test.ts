import { expect, test } from 'vitest'
import { drawPath, makeScale, nearestPoint, placeOn } from './line-plot.ts'

const frame = { left: 10, top: 0, width: 100, height: 50 }

test('makes scales with round ticks inside the values', () => {
  expect(makeScale([0.1, 0.9], false)!.ticks).toEqual([0.2, 0.4, 0.6, 0.8])
  expect(makeScale([0.001, 10, -3], true)!.ticks).toEqual([0.001, 0.01, 0.1, 1, 10])
  expect(makeScale([2], false)).toMatchObject({ low: 1.8, high: 2.2 })
  expect(makeScale([Number.NaN], false)).toBeUndefined()
})

test('draws a line from left to right, up for more, with a gap where a logarithm has no place', () => {
  const scale = makeScale([0, 2], false)!
  const line = { name: 'loss', x: [0, 1, 2], y: [2, 1, 0] }
  expect(drawPath(line, scale, scale, frame)).toBe('M10.0 0.0L60.0 25.0L110.0 50.0')
  const log = makeScale([1, 100], true)!
  expect(placeOn(log, 10)).toBeCloseTo(0.5)
  expect(drawPath({ ...line, y: [1, -1, 100] }, scale, log, frame)).toBe('M10.0 50.0M110.0 0.0')
})

test('finds the nearest point', () => {
  const line = { name: 'a', x: [1, 2, 10], y: [0, 0, 0] }
  expect([-5, 1.4, 5.9, 6.1, 99].map((at) => nearestPoint(line, at))).toEqual([0, 0, 1, 2, 2])
  expect(nearestPoint({ name: 'a', x: [], y: [] }, 1)).toBe(-1)
})
