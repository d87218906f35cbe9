import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundsOf, fitCamera, lookOfPoints, panCamera, toMap, toScreen, zoomCamera } from './camera.ts'

const size = { width: 900, height: 600 }
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const cameras = fc.record({ x: number(-50, 50), y: number(-50, 50), scale: number(1, 1e4) })

test('what is on the screen comes back to its place on the map', () => {
  fc.assert(
    fc.property(cameras, number(0, 900), number(0, 600), (camera, x, y) => {
      const place = toMap(camera, size, x, y)
      const back = toScreen(camera, size, place.x, place.y)
      expect(back.x).toBeCloseTo(x, 5)
      expect(back.y).toBeCloseTo(y, 5)
    }),
  )
})

test('zooming holds the place under the pointer', () => {
  fc.assert(
    fc.property(cameras, number(0, 900), number(0, 600), number(0.1, 10), (camera, x, y, factor) => {
      const before = toMap(camera, size, x, y)
      const after = toMap(zoomCamera(camera, size, factor, { x, y }, { least: 0.01, most: 1e6 }), size, x, y)
      expect(after.x).toBeCloseTo(before.x, 6)
      expect(after.y).toBeCloseTo(before.y, 6)
    }),
  )
})

test('zooming stops at its limits', () => {
  const camera = { x: 0, y: 0, scale: 10 }
  expect(zoomCamera(camera, size, 100, { x: 0, y: 0 }, { least: 1, most: 50 }).scale).toBe(50)
  expect(zoomCamera(camera, size, 0.001, { x: 0, y: 0 }, { least: 1, most: 50 }).scale).toBe(1)
})

test('all points are in sight after fitting, and dragging moves them with the pointer', () => {
  const places = Float32Array.of(-3, 2, 5, 9, Number.NaN, 4, 1, -6)
  const bounds = boundsOf(places)
  expect(bounds).toEqual({ left: -3, right: 5, low: -6, high: 9 })
  const camera = fitCamera(bounds, size)
  for (const [x, y] of [
    [-3, 2],
    [5, 9],
    [1, -6],
  ] as const) {
    const at = toScreen(camera, size, x, y)
    expect(at.x).toBeGreaterThanOrEqual(36)
    expect(at.x).toBeLessThanOrEqual(864)
    expect(at.y).toBeGreaterThanOrEqual(36 - 1e-6)
    expect(at.y).toBeLessThanOrEqual(564 + 1e-6)
  }
  const before = toScreen(camera, size, 1, 1)
  const after = toScreen(panCamera(camera, 30, -12), size, 1, 1)
  expect(after.x - before.x).toBeCloseTo(30)
  expect(after.y - before.y).toBeCloseTo(-12)
})

test('no points and a single point can be fitted', () => {
  expect(boundsOf(new Float32Array(0))).toEqual({ left: 0, right: 1, low: 0, high: 1 })
  const one = fitCamera(boundsOf(Float32Array.of(4, 4)), size)
  expect(toScreen(one, size, 4, 4)).toEqual({ x: 450, y: 300 })
})

test('points shrink and fade as they crowd', () => {
  const bounds = { left: 0, right: 10, low: 0, high: 10 }
  const camera = { x: 5, y: 5, scale: 60 }
  const few = lookOfPoints(100, bounds, camera)
  const many = lookOfPoints(1_000_000, bounds, camera)
  const closer = lookOfPoints(1_000_000, bounds, { ...camera, scale: 600 })
  expect(few.sizePx).toBe(9)
  expect(few.alpha).toBe(0.88)
  expect(many.sizePx).toBeLessThan(2)
  expect(many.alpha).toBeLessThan(0.2)
  expect(closer.sizePx).toBeGreaterThan(many.sizePx)
  expect(closer.alpha).toBeGreaterThan(many.alpha)
})
