import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from './rng.ts'

describe('createRng', () => {
  it('gives the sequence of sfc32 on every machine', () => {
    // From a second implementation in Python 3.11 integers: FNV-1a of the seed's text, 15 warm-up rounds.
    const uint32 = (rng: { next(): number }) => rng.next() * 2 ** 32
    const rng = createRng(7)
    expect([uint32(rng), uint32(rng), uint32(rng), uint32(rng)]).toEqual([2052686826, 689153728, 211932605, 4092881183])
    const fork = createRng(7).fork('masks')
    expect([uint32(fork), uint32(fork)]).toEqual([1302397098, 4268385064])
  })

  it('forks by seed and name alone, whatever was drawn before', () => {
    const used = createRng('a')
    used.next()
    expect(used.fork('x').next()).toBe(createRng('a').fork('x').next())
    expect(used.fork('x').next()).not.toBe(used.fork('y').next())
  })

  it('draws integers within both bounds, each about as often', () => {
    const rng = createRng(1)
    const counts = new Map<number, number>()
    for (let i = 0; i < 60_000; i++) {
      const die = rng.integer(1, 6)
      counts.set(die, (counts.get(die) ?? 0) + 1)
    }
    expect(new Set(counts.keys())).toEqual(new Set([1, 2, 3, 4, 5, 6]))
    // Chi-square with 5 degrees of freedom: 20.5 is exceeded once in a thousand seeds.
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    expect(chiSquare).toBeLessThan(20.5)
  })

  it('stays inside [low, high)', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, low, span) => {
        const value = createRng(seed).uniform(low, low + span)
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThan(low + span)
      }),
    )
  })

  it('draws normal deviates of the mean and spread asked for', () => {
    const rng = createRng(2)
    const values = Array.from({ length: 50_000 }, () => rng.normal(10, 3))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
    // Four standard errors: 3/√50000 for the mean, 3/√100000 for the deviation.
    expect(Math.abs(mean - 10)).toBeLessThan(0.054)
    expect(Math.abs(deviation - 3)).toBeLessThan(0.038)
  })

  it('shuffles a copy without loss', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (seed, items) => {
        const before = [...items]
        const shuffled = createRng(seed).shuffle(items)
        expect(items).toEqual(before)
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b))
      }),
    )
  })

  it('picks every item in the end', () => {
    const rng = createRng(3)
    expect(new Set(Array.from({ length: 200 }, () => rng.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']))
  })
})
