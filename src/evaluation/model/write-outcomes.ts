import type { FieldType, Scalar } from '#contract'
import { quote } from '#query'
import type { Judged, LabelVerdict, SampleVerdicts } from '../judge/types.ts'

/** Fields that tell what each sample came to. */
export function outcomeFields(
  prefix: string,
  { outcomes, fields }: Judged,
): Record<string, { type: FieldType; values: readonly Scalar[] }> {
  return {
    ...(outcomes.length === 0 ? {} : { [`${prefix}_outcome`]: { type: 'string' as const, values: outcomes } }),
    ...Object.fromEntries(Object.entries(fields).map(([end, field]) => [`${prefix}_${end}`, field])),
  }
}

/** How many samples came to what, the most frequent first, each with a query that finds them. */
export function countOutcomes(
  prefix: string,
  outcomes: readonly string[],
  isWritten: boolean,
): { outcome: string; samples: number; query: string | null }[] {
  const counts = new Map<string, number>()
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return [...counts]
    .toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .map(([outcome, samples]) => ({
      outcome,
      samples,
      query: isWritten ? `${prefix}_outcome = ${quote(outcome, '"')}` : null,
    }))
}

/** How many labels came to what: true ones that were missed, and of what was said the rest. */
export function countLabels(samples: readonly SampleVerdicts[]): Record<LabelVerdict['outcome'], number> {
  const counts = { tp: 0, fp: 0, fn: 0, confused: 0 }
  for (const { truth, said } of samples) {
    for (const { verdict } of truth) if (verdict.outcome === 'fn') counts.fn++
    for (const { verdict } of said) if (verdict !== null) counts[verdict.outcome]++
  }
  return counts
}
