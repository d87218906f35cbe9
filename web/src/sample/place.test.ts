import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  centreOn,
  fitPicture,
  limitScale,
  panBy,
  partInSight,
  resizeStage,
  stepScale,
  toPicture,
  wheelFactor,
  zoomAt,
} from './place.ts'

const size = (least: number, most: number) =>
  fc.record({ w: fc.integer({ min: least, max: most }), h: fc.integer({ min: least, max: most }) })
const stages = size(100, 3000)
const pictures = size(1, 20_000)

describe('fitPicture', () => {
  it('shows the whole picture in the middle', () => {
    expect(fitPicture({ w: 424, h: 224 }, { w: 800, h: 200 })).toEqual({ scale: 0.5, x: 12, y: 62 })
    fc.assert(
      fc.property(stages, pictures, (stage, picture) => {
        const { scale, x, y } = fitPicture(stage, picture)
        expect(x).toBeGreaterThan(0)
        expect(y).toBeGreaterThan(0)
        expect(x * 2 + picture.w * scale).toBeCloseTo(stage.w, 6)
        expect(y * 2 + picture.h * scale).toBeCloseTo(stage.h, 6)
      }),
    )
  })

  it('enlarges small pictures eight times at most', () => {
    expect(fitPicture({ w: 1000, h: 1000 }, { w: 10, h: 10 }).scale).toBe(8)
  })
})

describe('zoomAt', () => {
  it('keeps the pixel under the pointer', () => {
    const [stage, picture] = [
      { w: 1000, h: 800 },
      { w: 4000, h: 3000 },
    ]
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 40, noNaN: true }),
        fc.integer({ min: 400, max: 600 }),
        fc.integer({ min: 300, max: 500 }),
        (scale, x, y) => {
          const place = centreOn({ scale: 1, x: 0, y: 0 }, 2000, 1500, stage, picture)
          const before = toPicture(place, x, y)
          const next = zoomAt(place, scale, x, y, stage, picture)
          const after = toPicture(next, x, y)
          expect(next.scale).toBe(scale)
          expect(after.x).toBeCloseTo(before.x, 6)
          expect(after.y).toBeCloseTo(before.y, 6)
        },
      ),
    )
  })

  it('stays within the limits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), stages, pictures, (scale, stage, picture) => {
        const limited = limitScale(scale, stage, picture)
        expect(limited).toBeLessThanOrEqual(64)
        expect(limited).toBeGreaterThanOrEqual(Math.min(1, fitPicture(stage, picture).scale / 4))
      }),
    )
  })
})

it('never loses the picture, however far it is dragged', () => {
  const far = fc.integer({ min: -100_000, max: 100_000 })
  fc.assert(
    fc.property(stages, pictures, far, far, (stage, picture, dx, dy) => {
      expect(partInSight(panBy(fitPicture(stage, picture), dx, dy, stage, picture), stage, picture)).not.toBeNull()
    }),
  )
})

it('tells the part in sight in whole pixels of the picture', () => {
  const picture = { w: 100, h: 50 }
  expect(partInSight({ scale: 2, x: -21, y: 10 }, { w: 60, h: 60 }, picture)).toEqual({ x: 10, y: 0, w: 31, h: 25 })
  expect(partInSight({ scale: 2, x: 80, y: 0 }, { w: 60, h: 60 }, picture)).toBeNull()
})

it('keeps the middle of what is seen when the stage changes', () => {
  const picture = { w: 1000, h: 1000 }
  const place = { scale: 2, x: -700, y: -600 }
  const next = resizeStage(place, { w: 600, h: 400 }, { w: 300, h: 500 }, picture)
  expect(toPicture(next, 150, 250)).toEqual(toPicture(place, 300, 200))
})

it('steps from any scale to the next round one', () => {
  expect([stepScale(1, 1), stepScale(1, -1), stepScale(1.06, 1), stepScale(1.06, -1)]).toEqual([1.5, 2 / 3, 1.5, 1])
  expect([stepScale(64, 1), stepScale(1 / 64, -1)]).toEqual([64, 1 / 64])
})

it('turns the wheel the same way and back to the same scale', () => {
  const turn = (deltaY: number, deltaMode = 0, ctrlKey = false): number => wheelFactor({ deltaY, deltaMode, ctrlKey })
  expect(turn(100) * turn(-100)).toBeCloseTo(1, 12)
  expect(turn(-100)).toBeGreaterThan(1)
  expect(turn(1, 1)).toBe(turn(16))
  expect(turn(1e9)).toBe(turn(240))
  expect(turn(-2, 0, true)).toBeGreaterThan(turn(-2))
})
