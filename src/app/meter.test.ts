import { expect, test } from 'vitest'
import { createMeter } from './meter.ts'

function createManualClock(): { at: number; now: () => number; monotonic: () => number } {
  const clock = { at: 0, now: () => clock.at, monotonic: () => clock.at }
  return clock
}

test('rate and seconds left come from the newest ten seconds', () => {
  const clock = createManualClock()
  const meter = createMeter({ clock })
  const at = (seconds: number, done: number) => {
    clock.at = seconds * 1000
    return meter.observe({ stage: 's', done, total: 1000, unit: 'files' })
  }
  expect(at(0, 0)).toMatchObject({ rate: null, secondsLeft: null })
  expect(at(1, 100)).toMatchObject({ rate: 100, secondsLeft: 9 })
  for (let s = 2; s <= 21; s++) at(s, 100 + (s - 1) * 10)
  const last = at(22, 310)
  expect(last.rate).toBeCloseTo(10, 5)
  expect(last.secondsLeft).toBeCloseTo(69, 5)
})

test('a new stage starts anew, and an unknown total has no end', () => {
  const clock = createManualClock()
  const meter = createMeter({ clock })
  meter.observe({ stage: 'a', done: 5, unit: 'files' })
  clock.at = 1000
  expect(meter.observe({ stage: 'a', done: 10, unit: 'files' })).toMatchObject({
    rate: 5,
    total: null,
    secondsLeft: null,
  })
  expect(meter.observe({ stage: 'b', done: 1, unit: 'files' })).toMatchObject({ rate: null })
})
