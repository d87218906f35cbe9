import type { Output } from '../api/client.ts'

export type Report = Output<'check.report'>['report']
export type CheckResult = Report['checks'][number]
export type Finding = CheckResult['findings'][number]
export type ReportSummary = Output<'check.history'>['reports'][number]

/** The figure of one check over time, oldest first, up to a report and it included. */
export function trendOf(id: string, report: Report, history: readonly ReportSummary[]): ReportSummary['values'] {
  const past = history
    .filter((earlier) => alike.every((key) => earlier[key] === report[key]) && earlier.at < report.at)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .flatMap(({ values }) => values.filter((value) => value.id === id))
    .slice(-mostInTrend)
  const now = report.values.find((value) => value.id === id)
  return now === undefined ? past : [...past, now]
}

const mostInTrend = 30
/** Figures of other samples are no trend. */
const alike = ['suite', 'dataset', 'scope', 'against'] as const

/** The samples that a check's findings name, each once. */
export function samplesOf({ findings }: CheckResult): string[] {
  return [...new Set(findings.flatMap(({ sample, other }) => [sample, other?.sample ?? null]))].filter(
    (sample) => sample !== null,
  )
}

/** Query that shows what a check found: its own, else the samples it names; null when it names none. */
export function queryOf(check: CheckResult): string | null {
  if (check.query !== null) return check.query
  const samples = samplesOf(check)
  return samples.length === 0 ? null : `id in (${samples.join(', ')})`
}

/** The number in s_12; NaN for what is no id of a sample. */
export const numberOf = (sample: string): number => Number(/^s_(\d+)$/.exec(sample)?.[1] ?? Number.NaN)

export interface SuiteProblem {
  line: number
  column: number
  message: string
  hint: string | null
}

/** What is wrong with a suite file, place by place, as SUITE_INVALID tells it. */
export function problemsOf(details: unknown): { file: string; problems: SuiteProblem[] } | null {
  if (typeof details !== 'object' || details === null || !('problems' in details) || !('file' in details)) return null
  const { file, problems } = details
  return typeof file === 'string' && Array.isArray(problems) ? { file, problems: problems as SuiteProblem[] } : null
}

/** Such as "5 min ago"; the date itself when it is more than a week ago. */
export function describeAge(at: string, nowMs: number): string {
  const minutes = Math.round((nowMs - Date.parse(at)) / 60_000)
  if (!Number.isFinite(minutes)) return at
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`
  if (minutes < 7 * 24 * 60) return `${Math.round(minutes / (24 * 60))} days ago`
  return at.slice(0, 10)
}
