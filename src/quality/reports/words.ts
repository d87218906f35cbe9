import type { CheckResult, Outcome, Report } from '#contract'

/** From worst to best. */
export const outcomesWorstFirst = [
  'fail',
  'error',
  'warn',
  'empty',
  'info',
  'pass',
] as const satisfies readonly Outcome[]

/** What an outcome is called. */
export const outcomeWords: Record<Outcome, string> = {
  fail: 'failed',
  error: 'error',
  warn: 'warning',
  empty: 'nothing to look at',
  info: 'note',
  pass: 'passed',
}

/** Checks from worst to best, those alike in the order of the suite. */
export function sortWorstFirst(checks: readonly CheckResult[]): CheckResult[] {
  return checks.toSorted((a, b) => outcomesWorstFirst.indexOf(a.outcome) - outcomesWorstFirst.indexOf(b.outcome))
}

/** A figure as people read it: whole ones with thousands parted, others with four digits that count. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Number.isInteger(value)) return value.toLocaleString('en')
  const size = Math.abs(value)
  if (size < 1e-4) return value.toExponential(2)
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 8 })
}

/** The figure of a check, or a dash. */
export const formatValue = (value: number | null): string => (value === null ? '–' : formatNumber(value))

/** Such as "2 failed, 1 warning, 11 passed". */
export function describeCounts(report: Report): string {
  return outcomesWorstFirst
    .flatMap((outcome) => {
      const count = report.checks.filter((check) => check.outcome === outcome).length
      return count === 0 ? [] : [`${count} ${outcomeWords[outcome]}`]
    })
    .join(', ')
}

/** Whether the data may pass, in words. */
export function describeVerdict({ gate, checks }: Report): string {
  if (checks.length === 0) return 'No check was run'
  if (!gate) return 'The data does not pass'
  return checks.every(({ outcome }) => outcome === 'pass') ? 'The data passes' : 'The data passes, with remarks'
}

/** "12 of 4,000 samples" */
export const describeFound = ({ found, looked, unit }: CheckResult): string =>
  `${formatNumber(found)} of ${formatNumber(looked)} ${unit}`

/** Milliseconds as a person says them. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 90_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.round(ms / 60_000)} min`
}

/** "2026-11-21 13:40 UTC"; what is no time stays as it came. */
export function formatTime(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
