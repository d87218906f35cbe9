import type { ConfidentLearning } from './prune.ts'
import type { Probabilities } from './probabilities.ts'
import { scoreGiven } from './quality.ts'

/** Share of the samples that the model is surest of. */
const surest = 1 / 4

/**
 * Flags as many labels as are likely wrong: those with the lowest p(given), of which the model disagrees. How many: the share of labels it
 * disagrees with among the quarter of the samples that it is surest of, where it seldom errs itself, of all samples; but no more than confident
 * learning counts. Plain disagreement alone takes every error of the model for one of the labels, and the joint counts take many.
 */
export function flagLikely(
  probabilities: Probabilities,
  given: Int32Array,
  learned: ConfidentLearning,
): { flags: Uint8Array; expected: number } {
  const { rows, columns, data } = probabilities
  const disagrees = learned.flag('disagreement')
  const highest = new Float64Array(rows)
  for (let row = 0; row < rows; row++)
    for (let at = row * columns; at < (row + 1) * columns; at++) highest[row] = Math.max(highest[row]!, data[at]!)
  const bySureness = [...highest.keys()].sort((a, b) => highest[b]! - highest[a]! || a - b)
  const sure = bySureness.slice(0, Math.ceil(rows * surest))
  // By the rule of succession, since a few samples may happen to hold no error.
  const share = (sure.reduce((sum, row) => sum + disagrees[row]!, 0) + 1) / (sure.length + 2)
  const expected = Math.min(Math.round(share * rows), learned.confidentErrors)
  const quality = scoreGiven(probabilities, given, 'self-confidence')
  const worst = [...quality.keys()]
    .filter((row) => disagrees[row] === 1)
    .sort((a, b) => quality[a]! - quality[b]! || a - b)
    .slice(0, expected)
  const flags = new Uint8Array(rows)
  for (const row of worst) flags[row] = 1
  return { flags, expected }
}
