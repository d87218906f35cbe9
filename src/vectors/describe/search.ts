import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '#base'
import { meet, tallyBoth, type Bits, type Tally } from './bits.ts'
import { toCondition, type Candidate, type Condition } from './conditions.ts'
import { scoreF1, scoreGain, type Goal } from './goal.ts'

/** What each test must be worth in F1. */
export const conditionCost = 0.01

/** Tests joined by `and`; the tally and the bits are over the rows of the goal. */
export interface Clause extends Tally {
  parts: Condition[]
  bits: Bits
  /** F1 less what its tests cost. */
  score: number
}

interface Draft extends Tally {
  parts: Condition[]
  from: Bits
  score: number
  gain: number
}

/** F1 less the cost of the tests. */
function scoreTests(goal: Goal, tally: Tally, tests: readonly Candidate[]): number {
  return scoreF1(goal, tally) - conditionCost * tests.reduce((sum, { cost }) => sum + cost, 0)
}

export interface SearchSize {
  maxConditions: number
  /** Clauses that are made longer in each round. */
  width: number
  /** Tests that are tried. */
  tests: number
}

/**
 * Beam search over conjunctions, in the manner of subgroup discovery (Lavrač et al. 2004, CN2-SD). Half of the beam goes by F1
 * less cost, half by gain: a test that keeps the whole of a rare selection scores low alone and is needed all the same.
 * Best first. Throws CANCELLED on abort.
 */
export async function searchClauses(
  goal: Goal,
  candidates: readonly Candidate[],
  { maxConditions, width, tests }: SearchSize,
  signal: AbortSignal | undefined,
): Promise<Clause[]> {
  const drafts = candidates
    .filter(({ hits }) => hits > 0)
    .map((candidate) => ({
      candidate,
      score: scoreTests(goal, candidate, [candidate]),
      gain: scoreGain(goal, candidate),
      parts: [candidate],
    }))
  const useful = pickBest(drafts, tests).map(({ candidate }) => toCondition(candidate, goal.rows))
  let beam = useful.map((condition) => toClause(goal, { parts: [condition], from: goal.domain, ...tallyOf(condition) }))
  const found = [...beam]
  beam = pickBest(
    beam.map((clause) => ({ ...clause, gain: scoreGain(goal, clause) })),
    width,
  )
  for (let size = 2; size <= maxConditions; size++) {
    const longer = new Map<string, Draft>()
    for (const clause of beam) {
      await setImmediate()
      throwIfAborted(signal)
      const before = scoreF1(goal, clause)
      for (const other of useful) {
        if (clause.parts.some(({ column }) => column === other.column)) continue
        const tally = tallyBoth(clause.bits, other.bits, goal.inside)
        if (tally.hits === 0 || scoreF1(goal, tally) <= before) continue
        const parts = [...clause.parts, other]
        const score = scoreTests(goal, tally, parts)
        longer.set(keyOf(parts), { parts, from: clause.bits, ...tally, score, gain: scoreGain(goal, tally) })
      }
    }
    beam = pickBest([...longer.values()], width).map((draft) => toClause(goal, draft))
    found.push(...beam)
  }
  return found.sort(
    (a, b) => b.score - a.score || a.parts.length - b.parts.length || compareText(keyOf(a.parts), keyOf(b.parts)),
  )

  function tallyOf(condition: Condition): Tally {
    return { count: condition.count, hits: condition.hits }
  }
}

function toClause(goal: Goal, { parts, from, count, hits }: Tally & { parts: Condition[]; from: Bits }): Clause {
  return { parts, count, hits, bits: meet(from, parts.at(-1)!.bits), score: scoreTests(goal, { count, hits }, parts) }
}

const keyOf = (parts: readonly Candidate[]): string =>
  parts
    .map(({ text }) => text)
    .sort(compareText)
    .join('\n')

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Half by score, half by gain. */
function pickBest<T extends { score: number; gain: number; parts: readonly Candidate[] }>(
  items: readonly T[],
  limit: number,
): T[] {
  const half = Math.ceil(limit / 2)
  const order = (a: T, b: T): number => compareText(keyOf(a.parts), keyOf(b.parts))
  const byScore = items.toSorted((a, b) => b.score - a.score || order(a, b)).slice(0, half)
  const byGain = items.toSorted((a, b) => b.gain - a.gain || order(a, b))
  const picked = new Set(byScore)
  for (const item of byGain) {
    if (picked.size >= limit) break
    picked.add(item)
  }
  return [...picked]
}
