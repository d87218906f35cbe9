import { describe, expect, test } from 'vitest'
import type { CheckResult, Report, ReportSummary } from './report-data.ts'
import { describeAge, problemsOf, queryOf, trendOf } from './report-data.ts'

const summary = (at: string, value: number | null, suite = 'default', scope = ''): ReportSummary =>
  ({
    suite,
    scope,
    against: null,
    dataset: 'pets',
    at,
    values: [{ id: 'dark', outcome: 'pass', value }],
  }) as unknown as ReportSummary

describe('trends', () => {
  test('hold the reports of the same suite and scope before one, oldest first, and it last', () => {
    const report = summary('2026-03-03', 3) as Report
    const history = [
      summary('2026-03-04', 4),
      summary('2026-03-03', 3),
      summary('2026-03-02', null),
      summary('2026-03-02', 9, 'other'),
      summary('2026-03-02', 9, 'default', 'width > 3'),
      summary('2026-03-01', 1),
    ]
    expect(trendOf('dark', report, history).map(({ value }) => value)).toEqual([1, null, 3])
    expect(trendOf('gone', report, history)).toEqual([])
  })
})

test('a check without a query shows the samples it names, each once', () => {
  const other = { sample: 's_2', path: 'b' }
  const findings = [
    { sample: 's_1', other },
    { sample: null, other: null },
    { sample: 's_2', other: null },
  ]
  expect(queryOf({ query: null, findings } as CheckResult)).toBe('id in (s_1, s_2)')
  expect(queryOf({ query: 'width < 3', findings } as CheckResult)).toBe('width < 3')
  expect(queryOf({ query: null, findings: [] as CheckResult['findings'] } as CheckResult)).toBeNull()
})

test('problems of a file are read only from what looks like them', () => {
  expect(problemsOf({ file: 'a.yaml', problems: [] })).toEqual({ file: 'a.yaml', problems: [] })
  for (const other of [null, 'x', { file: 'a' }, { file: 1, problems: [] }, { file: 'a', problems: 'x' }])
    expect(problemsOf(other)).toBeNull()
})

test.each([
  [20_000, 'just now'],
  [5 * 60_000, '5 min ago'],
  [3 * 3_600_000, '3 h ago'],
  [3 * 86_400_000, '3 days ago'],
  [30 * 86_400_000, '2026-02-02'],
])('%d ms ago reads %s', (ms, text) => {
  const at = '2026-02-02T10:00:00.000Z'
  expect(describeAge(at, Date.parse(at) + ms)).toBe(text)
})
