import type { FieldType, Scalar } from '#contract'
import { quote } from '#query'
import type { Judged } from '../judge/types.ts'

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
