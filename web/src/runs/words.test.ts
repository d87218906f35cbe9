import { expect, test } from 'vitest'
import { pickMetrics, showBytes, showDuration, showFigure } from './words.ts'

test('writes figures, spans of time and sizes as people read them', () => {
  expect([0.78378378, 37, 1234567, 0.00012345, 12345678.5, null].map(showFigure)).toEqual([
    '0.7838',
    '37',
    '1,234,567',
    '1.23e-4',
    '1.23e+7',
    '–',
  ])
  expect([480, 4_820, 59_400, 65_000, 3_900_000].map(showDuration)).toEqual([
    '480 ms',
    '4.8 s',
    '59 s',
    '1 min 5 s',
    '1 h 5 min',
  ])
  expect([12, 6_816_582, 512_000_000].map(showBytes)).toEqual(['12 B', '6.8 MB', '512 MB'])
})

test('picks the metrics that say most', () => {
  expect(pickMetrics({ epoch: 5, trainLoss: 0.2, macroF1: 0.7, accuracy: 0.8 }, 2)).toEqual(['accuracy', 'macroF1'])
})
