import { expect, test } from 'vitest'
import { describeQueryNames } from './query-names.ts'

test('a query that names all says nothing; one that does not says of how many', () => {
  expect(describeQueryNames({ unit: 'samples' })).toBeNull()
  const queryNames = { named: 1_000, of: 3_210 }
  expect(describeQueryNames({ unit: 'samples', queryNames })).toBe(
    'The query names only 1,000 of the 3,210 samples found.',
  )
  expect(describeQueryNames({ unit: 'labels', queryNames })).toBe(
    'The query names the samples of only 1,000 of the 3,210 labels found.',
  )
})
