import fc from 'fast-check'
import { expect, it } from 'vitest'
import { rankRows } from './ranks.ts'

it('ranks rows as sorting does, equal values by row, without missing ones', () => {
  const number = fc.oneof(
    fc.double(),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(-0, 0, Infinity, -Infinity, 5e-324),
  )
  fc.assert(
    fc.property(fc.array(number), (numbers) => {
      const expected = [...numbers.keys()]
        .filter((row) => !Number.isNaN(numbers[row]))
        .sort((a, b) => (numbers[a]! < numbers[b]! ? -1 : numbers[a]! > numbers[b]! ? 1 : a - b))
      expect([...rankRows(Float64Array.from(numbers))]).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})
