import type { CheckResult, Outcome, ReportSummary, Severity } from '#contract'
import type { Looked } from '../types.ts'

/** From the worst to the best. */
const order: readonly Outcome[] = ['fail', 'error', 'warn', 'empty', 'info', 'pass']

/** Nothing looked at is no pass; a broken bound counts by the severity of the check. */
export function outcomeOf({ looked, broken }: Pick<Looked, 'looked' | 'broken'>, severity: Severity): Outcome {
  if (looked === 0) return 'empty'
  return broken ? severity : 'pass'
}

/** What a report says of all its checks. A suite without checks saw nothing. */
export function summarise(
  checks: readonly CheckResult[],
): Pick<ReportSummary, 'outcome' | 'gate' | 'counts' | 'values'> {
  const counts = Object.fromEntries(
    order.map((outcome) => [outcome, checks.filter((check) => check.outcome === outcome).length]),
  ) as Record<Outcome, number>
  return {
    outcome: order.find((outcome) => counts[outcome] > 0) ?? 'empty',
    gate: checks.length > 0 && !checks.some(holdsBack),
    counts,
    values: checks.map(({ id, outcome, value }) => ({ id, outcome, value })),
  }
}

/** Whether the data may not pass because of a check: it failed, went wrong, or is to fail and saw nothing. */
function holdsBack({ outcome, severity }: CheckResult): boolean {
  return outcome === 'fail' || outcome === 'error' || (outcome === 'empty' && severity === 'fail')
}
