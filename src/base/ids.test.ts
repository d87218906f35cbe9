import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFixedClock } from './clock.ts'
import { formatSampleId, parseSampleId } from './ids.ts'

describe('sample ids', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 15 - 1 }), (n) => {
        expect(parseSampleId(formatSampleId(n))).toBe(n)
        expect(formatSampleId(BigInt(n))).toBe(formatSampleId(n))
      }),
    )
  })

  it.each(['', '12', 's_', 's_-1', 's_1.5', 'S_1', 's_1 ', 's_1\n', 's_1234567890123456', "s_1' or 1=1"])(
    'refuse %j',
    (text) => {
      expect(() => parseSampleId(text)).toThrow(
        expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(JSON.stringify(text)) }),
      )
    },
  )
})

describe('createFixedClock', () => {
  it('starts where it is told and moves by its step', () => {
    const clock = createFixedClock(1000, 5)
    expect([clock.now(), clock.now(), clock.monotonic()]).toEqual([1000, 1005, 1010])
    const still = createFixedClock()
    expect(still.now()).toBe(still.now())
  })
})
