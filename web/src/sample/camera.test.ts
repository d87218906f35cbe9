import { expect, it } from 'vitest'
import { createCamera } from './camera.ts'
import { partInSight, toPicture } from './place.ts'

function setUp() {
  const camera = createCamera()
  camera.setStage({ w: 1024, h: 824 })
  camera.setPicture({ w: 2000, h: 1000 })
  return camera
}

it('fits until somebody zooms, whatever size the stage has', () => {
  const camera = setUp()
  expect(camera.store.get().place.scale).toBe(0.5)
  camera.setStage({ w: 524, h: 824 })
  expect(camera.store.get().place.scale).toBe(0.25)
  camera.zoomTo(2)
  const middle = toPicture(camera.store.get().place, 262, 412)
  camera.setStage({ w: 1024, h: 824 })
  expect(camera.store.get().place.scale).toBe(2)
  expect(toPicture(camera.store.get().place, 512, 412)).toEqual(middle)
  camera.fit()
  expect(camera.store.get()).toMatchObject({ isFitted: true, place: { scale: 0.5 } })
})

it('keeps the place for the next picture of the same size, and fits any other', () => {
  const camera = setUp()
  camera.zoomBy(4, 100, 100)
  const { place } = camera.store.get()
  camera.setPicture({ w: 2000, h: 1000 })
  expect(camera.store.get().place).toEqual(place)
  camera.setPicture({ w: 1000, h: 2000 })
  expect(camera.store.get().place.scale).toBe(0.4)
})

it('brings a label into sight', () => {
  const camera = setUp()
  const part = { x: 1800, y: 50, w: 60, h: 20 }
  camera.showPart(part)
  const { place, stage, picture } = camera.store.get()
  const seen = partInSight(place, stage, picture)!
  expect(seen.x).toBeLessThan(part.x)
  expect(seen.y).toBeLessThan(part.y)
  expect(seen.x + seen.w).toBeGreaterThan(part.x + part.w)
  expect(seen.y + seen.h).toBeGreaterThan(part.y + part.h)
  expect(place.scale).toBeGreaterThan(10)
})
