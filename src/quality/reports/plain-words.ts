// Words and figures of reports. The page in the browser says the same, so this imports nothing.

/** From worst to best. */
export const outcomesWorstFirst = ['fail', 'error', 'warn', 'empty', 'info', 'pass'] as const
export type OutcomeName = (typeof outcomesWorstFirst)[number]

/** What an outcome is called. */
export const outcomeWords: Record<OutcomeName, string> = {
  fail: 'failed',
  error: 'error',
  warn: 'warning',
  empty: 'nothing to look at',
  info: 'note',
  pass: 'passed',
}

/** A figure as people read it: whole ones with thousands parted, others with four digits that count. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Number.isInteger(value)) return value.toLocaleString('en')
  const size = Math.abs(value)
  if (size < 1e-4) return value.toExponential(2)
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 8 })
}

/** Such as "1 warning" or "12 warnings". */
export function countOutcome(outcome: OutcomeName, count: number): string {
  const isCountable = outcome === 'error' || outcome === 'warn' || outcome === 'info'
  return `${count.toLocaleString('en')} ${outcomeWords[outcome]}${isCountable && count !== 1 ? 's' : ''}`
}

/** Whether the data may pass, in words. */
export function describeVerdict(report: { gate: boolean; checks: readonly { outcome: OutcomeName }[] }): string {
  if (report.checks.length === 0) return 'No check was run'
  if (!report.gate) return 'The data does not pass'
  return report.checks.every(({ outcome }) => outcome === 'pass') ? 'The data passes' : 'The data passes, with remarks'
}
