import type { CheckResult, Report } from '#contract'
import { countOutcome, formatNumber, outcomesWorstFirst } from './plain-words.ts'

/** Checks from worst to best, those alike in the order of the suite. */
export function sortWorstFirst(checks: readonly CheckResult[]): CheckResult[] {
  return checks.toSorted((a, b) => outcomesWorstFirst.indexOf(a.outcome) - outcomesWorstFirst.indexOf(b.outcome))
}

/** The figure of a check, or a dash. */
export const formatValue = (value: number | null): string => (value === null ? '–' : formatNumber(value))

/** Such as "2 failed, 1 warning, 11 passed". */
export function describeCounts(report: Report): string {
  return outcomesWorstFirst
    .flatMap((outcome) => {
      const count = report.checks.filter((check) => check.outcome === outcome).length
      return count === 0 ? [] : [countOutcome(outcome, count)]
    })
    .join(', ')
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
