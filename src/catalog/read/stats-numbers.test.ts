import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countBins, countValues, summarise } from './stats-numbers.ts'

const columns = fc.array(
  fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.NaN), fc.nat(5)),
  {
    maxLength: 60,
  },
)

it('puts every number into one bin, the lowest into the first and the highest into the last', () => {
  fc.assert(
    fc.property(columns, fc.integer({ min: 1, max: 40 }), (values, bins) => {
      const present = values.filter((value) => !Number.isNaN(value))
      const column = Float64Array.from(values)
      const facts = summarise(column, null)
      expect(facts.count).toBe(present.length)
      if (present.length === 0) return
      const counts = countBins(column, null, facts, facts.min === facts.max ? 1 : bins)
      expect(counts.reduce((a, b) => a + b, 0)).toBe(present.length)
      expect(counts[0]).toBeGreaterThan(0)
      expect(counts.at(-1)).toBeGreaterThan(0)
    }),
    { numRuns: 300, seed: 3 },
  )
})

it('counts the samples at the places asked for alone', () => {
  fc.assert(
    fc.property(columns, fc.infiniteStream(fc.boolean()), (values, chosen) => {
      const places = Int32Array.from(values.keys()).filter(() => chosen.next().value as boolean)
      const apart = Float64Array.from(places, (place) => values[place]!)
      const column = Float64Array.from(values)
      expect(summarise(column, places)).toEqual(summarise(apart, null))
      expect(countValues(column, places, 100)).toEqual(countValues(apart, null, 100))
    }),
    { numRuns: 300, seed: 4 },
  )
})

it('gives mean and deviation as of a sample, and refuses to list more values than asked', () => {
  const column = Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9, Number.NaN)
  expect(summarise(column, null)).toMatchObject({ count: 8, min: 2, max: 9, mean: 5 })
  expect(summarise(column, null).deviation).toBeCloseTo(Math.sqrt(32 / 7), 12)
  expect(countValues(column, null, 5)).toEqual([
    { value: 4, count: 3 },
    { value: 5, count: 2 },
    { value: 2, count: 1 },
    { value: 7, count: 1 },
    { value: 9, count: 1 },
  ])
  expect(countValues(column, null, 4)).toBeNull()
})
