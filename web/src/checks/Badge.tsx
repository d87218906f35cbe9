import { countOutcome, outcomeWords, type OutcomeName } from '../../../src/quality/reports/plain-words.ts'

/** An outcome in its colour and word. */
export function Badge({ outcome, count }: { outcome: OutcomeName; count?: number }) {
  return (
    <span className={`checks-badge ${outcome}`}>
      {count === undefined ? outcomeWords[outcome] : countOutcome(outcome, count)}
    </span>
  )
}
