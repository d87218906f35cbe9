import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundsOfBoxes, boundsOfPoints, boxArea, clipBox, intersectionOverUnion } from './index.ts'

const box = fc.record({
  x: fc.integer({ min: -50, max: 50 }),
  y: fc.integer({ min: -50, max: 50 }),
  w: fc.integer({ min: 1, max: 60 }),
  h: fc.integer({ min: 1, max: 60 }),
})

/** Pixels of a box with whole coordinates, the slow way. */
function pixelsOf(b: { x: number; y: number; w: number; h: number }): Set<string> {
  const pixels = new Set<string>()
  for (let x = b.x; x < b.x + b.w; x++) for (let y = b.y; y < b.y + b.h; y++) pixels.add(`${x},${y}`)
  return pixels
}

describe('boxes', () => {
  it('overlap as their pixels do', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        const [p, q] = [pixelsOf(a), pixelsOf(b)]
        const shared = [...p].filter((pixel) => q.has(pixel)).length
        expect(intersectionOverUnion(a, b)).toBeCloseTo(shared / (p.size + q.size - shared), 12)
      }),
      { numRuns: 50 },
    )
  })

  it('are cut to the image, or null outside it', () => {
    expect(clipBox({ x: -5, y: 2, w: 10, h: 20 }, 8, 10)).toEqual({ x: 0, y: 2, w: 5, h: 8 })
    expect(clipBox({ x: 1, y: 1, w: 2, h: 2 }, 8, 10)).toEqual({ x: 1, y: 1, w: 2, h: 2 })
    expect(clipBox({ x: 8, y: 0, w: 2, h: 2 }, 8, 10)).toBeNull()
  })

  it('have bounds that hold each of them and touch on every side', () => {
    fc.assert(
      fc.property(fc.array(box, { minLength: 1 }), (boxes) => {
        expect(boundsOfBoxes(boxes)).toEqual({
          x: Math.min(...boxes.map((b) => b.x)),
          y: Math.min(...boxes.map((b) => b.y)),
          w: Math.max(...boxes.map((b) => b.x + b.w)) - Math.min(...boxes.map((b) => b.x)),
          h: Math.max(...boxes.map((b) => b.y + b.h)) - Math.min(...boxes.map((b) => b.y)),
        })
      }),
    )
    expect(boundsOfBoxes([])).toBeNull()
    expect(boundsOfPoints([[]])).toBeNull()
    expect(boxArea({ x: 3, y: 4, w: 2.5, h: 2 })).toBe(5)
  })
})
