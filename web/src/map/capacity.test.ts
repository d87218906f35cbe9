import { expect, test } from 'vitest'
import { adaptCapacity } from './capacity.ts'

/** A machine that takes a time a point, and shows a picture every 16.7 ms at most. */
function run(msPerPoint: number, points: number, frames: number): { spent: number[]; capacity: number } {
  let capacity = Infinity
  const spent: number[] = []
  for (let i = 0; i < frames; i++) {
    const drawn = Math.min(points, capacity)
    spent.push(Math.max(16.7, drawn * msPerPoint))
    capacity = adaptCapacity(capacity, drawn, spent.at(-1)!)
  }
  return { spent, capacity }
}

test('a fast machine draws every point in every frame', () => {
  expect(run(5e-6, 1_000_000, 100).capacity).toBe(Infinity)
})

test('a slow machine is slow once and then stays near 30 frames a second', () => {
  const { spent } = run(7e-4, 1_000_000, 100)
  expect(spent[0]).toBeCloseTo(700)
  for (const ms of spent.slice(1)) expect(ms).toBeLessThan(36)
})

test('there are always some points, and one stumble of a fast machine is made up for', () => {
  expect(adaptCapacity(Infinity, 1_000_000, 1e6)).toBe(20_000)
  let capacity = adaptCapacity(Infinity, 1_000_000, 300)
  let frames = 0
  while (capacity < 1_000_000 && frames++ < 100) capacity = adaptCapacity(capacity, Math.min(capacity, 1_000_000), 16.7)
  expect(frames).toBeLessThan(15)
})
