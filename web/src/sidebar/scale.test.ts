import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundsOf, countSteps, readBound, spreadBins, writeBound, type Axis } from './scale.ts'

const axis: Axis = { low: 0, high: 10, type: 'number' }
const sum = (counts: Float64Array): number => counts.reduce((a, b) => a + b, 0)

test('bins that lie elsewhere are shared out along the axis', () => {
  const bins = [
    { from: 2, to: 3, count: 4 },
    { from: 3, to: 5, count: 8 },
  ]
  expect([...spreadBins({ bins }, axis, 5)]).toEqual([0, 8, 4, 0, 0])
  expect([...spreadBins({ bins: [{ from: 10, to: 10, count: 3 }] }, axis, 5)]).toEqual([0, 0, 0, 0, 3])
})

test('dates are shared out too', () => {
  const days: Axis = { low: Date.parse('2024-01-01'), high: Date.parse('2024-01-05'), type: 'datetime' }
  const bins = [{ from: '2024-01-02T00:00:00.000Z', to: '2024-01-04T00:00:00.000Z', count: 6 }]
  expect([...spreadBins({ bins }, days, 4)]).toEqual([0, 3, 3, 0])
})

test('no sample is lost or made', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.array(fc.nat(1_000), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 0.4, noNaN: true }),
      (low, span, counts, bars, inset) => {
        const from = low + span * inset
        const width = (span * (1 - 2 * inset)) / counts.length
        const bins = counts.map((count, i) => ({ from: from + i * width, to: from + (i + 1) * width, count }))
        const spread = spreadBins({ bins }, { low, high: low + span, type: 'number' }, bars)
        expect(sum(spread)).toBeCloseTo(
          counts.reduce((a, b) => a + b, 0),
          3,
        )
      },
    ),
    { numRuns: 500, seed: 2 },
  )
})

test.each<[number, Axis, string]>([
  [0.123456, { low: 0, high: 1, type: 'number' }, '0.125'],
  [0.30000000000000004, { low: 0, high: 1, type: 'number' }, '0.3'],
  [1234.5678, { low: 0, high: 4000, type: 'number' }, '1240'],
  [3.4, { low: 0, high: 9, type: 'integer' }, '3'],
  [0.000012345, { low: 0, high: 0.0001, type: 'number' }, '0.0000125'],
  [Date.parse('2024-05-01T10:20:30Z'), { low: 0, high: Date.parse('2024-01-01'), type: 'datetime' }, '2024-05-01'],
  [Date.parse('2024-05-01T10:20:34Z'), { low: 0, high: 3_600_000, type: 'datetime' }, '2024-05-01T10:20:30Z'],
])('%d is written in full steps of its axis', (value, along, expected) => {
  expect(writeBound(value, along)).toBe(expected)
})

test('what is written can be read again', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (low, span, share) => {
        const along: Axis = { low, high: low + span, type: 'number' }
        fc.pre(along.high > along.low)
        const value = low + span * share
        const read = readBound(writeBound(value, along), along)!
        expect(Math.abs(read - value)).toBeLessThanOrEqual(span / 200 + Math.abs(value) * 1e-12)
      },
    ),
    { numRuns: 500, seed: 4 },
  )
})

test('an end of a brush at the end of the axis stays open', () => {
  expect(boundsOf({ low: 0, high: 4 }, axis)).toEqual({ high: '4' })
  expect(boundsOf({ low: 0.001, high: 9.999 }, axis)).toEqual({})
  expect(boundsOf({ low: 0.5, high: 10.0004 }, { ...axis, high: 10.0004 })).toEqual({ low: '0.5' })
  expect(boundsOf({ low: 2, high: 4 }, axis)).toEqual({ low: '2', high: '4' })
})

test('each step of a slider moves a bound', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.boolean(),
      (low, span, isWhole) => {
        const along: Axis = isWhole
          ? { low: Math.round(low), high: Math.round(low) + Math.ceil(span), type: 'integer' }
          : { low, high: low + span, type: 'number' }
        const steps = countSteps(along)
        expect(steps).toBeGreaterThan(0)
        expect(steps).toBeLessThanOrEqual(501)
        const width = along.high - along.low
        const place = (step: number): string => writeBound(along.low + (width * step) / steps, along)
        // Steps of an axis that is no whole number of them long may share a bound now and then, but never three.
        for (let step = 2; step <= steps; step++) expect(place(step)).not.toBe(place(step - 2))
      },
    ),
    { numRuns: 60, seed: 8 },
  )
})
