import { expect, test } from 'vitest'
import { binRange, crossNames, crossNumbers, writeCsv } from './tables.ts'

const frame = { ids: Int32Array.of(1, 2, 3, 5), aspects: Float32Array.of(1, 1, 1, 1) }
const ids = Int32Array.of(1, 2, 3, 4, 5)

test('pairs of names are counted over the samples of the frame alone', () => {
  const classes = { ids, values: Float32Array.of(0, 0, 1, 1, -1), names: ['cat', 'dog'] }
  const splits = { ids, values: Float32Array.of(0, 1, 0, 0, 0), names: ['train', 'val'] }
  expect(crossNames(frame, classes, splits)).toEqual({
    rows: ['cat', 'dog', '(none)'],
    columns: ['train', 'val'],
    counts: [
      [1, 1],
      [1, 0],
      [1, 0],
    ],
  })
})

test('pairs of numbers fall into bins, and missing ones into none', () => {
  const x = { ids, values: Float32Array.of(0, 5, 10, 99, Number.NaN), names: null }
  const y = { ids, values: Float32Array.of(1, 1, 2, 99, 1), names: null }
  const grid = crossNumbers(frame, x, y, 2)
  expect([grid.x, grid.y, grid.count, [...grid.counts]]).toEqual([
    { low: 0, high: 10 },
    { low: 1, high: 2 },
    3,
    [1, 1, 0, 1],
  ])
  expect(binRange(grid.x, 2, 1)).toEqual([5, 10])
  expect(crossNumbers({ ids: new Int32Array(0), aspects: new Float32Array(0) }, x, y, 2).count).toBe(0)
})

test('cells of a CSV are quoted where they must, and no formula is let through', () => {
  expect(
    writeCsv([
      ['a', 'b,c'],
      ['=1+1', 'x"y'],
      [-2, 'é\n'],
    ]),
  ).toBe('a,"b,c"\r\n\'=1+1,"x""y"\r\n-2,"é\n"\r\n')
})
