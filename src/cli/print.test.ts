import { expect, test } from 'vitest'
import { FoveaError } from '#base'
import { pointAt, printError } from './print-error.ts'
import { formatBar, formatStats } from './print-stats.ts'
import { printOutput } from './print.ts'
import { formatDuration, formatProgress } from './progress-bar.ts'
import type { Terminal } from './terminal.ts'

test('the fault of a query is pointed at, on its own line', () => {
  expect(pointAt('width >= x', { start: 9, end: 10 })).toBe('  width >= x\n           ^')
  expect(pointAt('a = 1\nand wdith > 5\nor b', { start: 10, end: 15 })).toBe('  and wdith > 5\n      ^^^^^')
  expect(pointAt('猫 = x', { start: 4, end: 5 })).toBe('  猫 = x\n       ^')
  expect(pointAt('a =', { start: 3, end: 3 })).toBe('  a =\n     ^')
})

function told(error: FoveaError, options: { json: boolean; query?: string }): string {
  let text = ''
  printError({ err: (part: string) => (text += part), color: false } as unknown as Terminal, error, options)
  return text
}

test('an error is told with its code, place and hint, or as JSON', () => {
  const error = new FoveaError('QUERY_INVALID', 'No field wdith.', {
    hint: 'Did you mean width?',
    details: { problems: [{ span: { start: 0, end: 5 } }] },
  })
  expect(told(error, { json: false, query: 'wdith > 5' })).toBe(
    'error QUERY_INVALID: No field wdith.\n  wdith > 5\n  ^^^^^\nhint: Did you mean width?\n',
  )
  expect(JSON.parse(told(error, { json: true }))).toEqual({ error: error.toBody() })
})

test('bars grow in eighths, and something is never nothing', () => {
  expect(formatBar(1, 4)).toBe('████')
  expect(formatBar(0.5 + 1 / 32, 4)).toBe('██▏')
  expect(formatBar(0.0001, 4)).toBe('▏')
  expect(formatBar(0, 4)).toBe('')
})

test('statistics are drawn as histograms and counts', () => {
  const text = formatStats(
    {
      count: 30,
      fields: [
        {
          kind: 'histogram',
          field: 'width',
          type: 'integer',
          count: 28,
          missing: 2,
          min: 10,
          max: 30,
          mean: 19.123456,
          deviation: null,
          bins: [
            { from: 10, to: 20, count: 20 },
            { from: 20, to: 30, count: 10 },
          ],
        },
        {
          kind: 'counts',
          field: 'split',
          type: 'string',
          count: 30,
          missing: 0,
          distinct: 2,
          values: [
            { value: 'train', count: 20 },
            { value: null, count: 10 },
          ],
        },
      ],
    },
    40,
  )
  expect(text).toBe(`30 samples

width: 10 … 30, mean 19.12, 2 without
  10 … 20  20  █████████████████████████
  20 … 30  10  ████████████▌

split: 2 distinct
  train   20  ██████████████████████████
  (none)  10  █████████████
`)
})

test('progress says how fast and how long', () => {
  const progress = { stage: 'import', done: 1200, total: 4032, unit: 'images', rate: 340.4, secondsLeft: 8.3 }
  expect(formatProgress(progress, 80, { errIsTty: false, color: false })).toBe(
    'import  1,200 / 4,032 images  340/s  8 s left',
  )
  expect(formatProgress(progress, 80, { errIsTty: true, color: false })).toMatch(
    /^import {2}█+░+ {2}1,200 \/ 4,032 images {2}340\/s {2}8 s left$/,
  )
  expect(
    formatProgress({ ...progress, total: null, rate: 2.5, secondsLeft: null }, 80, { errIsTty: true, color: false }),
  ).toBe('import  1,200 images  2.5/s')
  expect([5, 65, 3600, 7260].map(formatDuration)).toEqual(['5 s', '1 min 05 s', '1 h 00 min', '2 h 01 min'])
})

test('an output nobody wrote a form for is shown as JSON', () => {
  expect(printOutput('field.add', { change: 'c_1' }, 80)).toBe('{\n  "change": "c_1"\n}\n')
})
