import { FoveaError } from '#base'
import type { DuplicateGroups } from './groups.ts'
import { createDisjointSets } from './union-find.ts'

export interface DuplicateMeasure {
  /** Share of the true pairs whose rows are in one group, 0 to 1; 1 where there are none. */
  recall: number
  /** Pairs of rows in one group: n (n − 1) / 2 of a group of n. */
  pairs: number
  /** Share of those pairs that are no true pair, 0 to 1. */
  falsePairShare: number
  /** Share of the groups with at least one such pair, 0 to 1. */
  falseGroupShare: number
}

/**
 * Compares groups with known pairs of the same picture. Truth is transitive: of a-b and b-c, a-c is true as well; recall
 * is counted on the pairs as given. Throws INPUT_INVALID for rows out of range.
 */
export function measureAgainst(
  { group, groups }: DuplicateGroups,
  truthPairs: readonly (readonly [number, number])[],
): DuplicateMeasure {
  const truth = createDisjointSets(group.length)
  let found = 0
  for (const [a, b] of truthPairs) {
    if (group[a] === undefined || group[b] === undefined)
      throw new FoveaError('INPUT_INVALID', `Expected true pairs of rows 0 to ${group.length - 1}, got ${a} and ${b}.`)
    truth.unite(a, b)
    if (a === b || (group[a] >= 0 && group[a] === group[b])) found++
  }
  let pairs = 0
  let falsePairs = 0
  let falseGroups = 0
  for (const { rows } of groups) {
    const sizes = new Map<number, number>()
    for (const row of rows) sizes.set(truth.find(row), (sizes.get(truth.find(row)) ?? 0) + 1)
    let wrong = countPairs(rows.length)
    pairs += wrong
    for (const size of sizes.values()) wrong -= countPairs(size)
    falsePairs += wrong
    if (wrong > 0) falseGroups++
  }
  return {
    recall: truthPairs.length === 0 ? 1 : found / truthPairs.length,
    pairs,
    falsePairShare: pairs === 0 ? 0 : falsePairs / pairs,
    falseGroupShare: groups.length === 0 ? 0 : falseGroups / groups.length,
  }
}

const countPairs = (rows: number): number => (rows * (rows - 1)) / 2
