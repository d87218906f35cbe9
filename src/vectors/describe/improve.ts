import { emptyBits, join, meet, tallyBoth, type Bits, type Tally } from './bits.ts'
import { toCondition, type Condition } from './conditions.ts'
import { narrowGoal, scoreF1, type Goal } from './goal.ts'
import { refitBounds } from './numbers.ts'
import { conditionCost } from './search.ts'

/** One clause, or several joined by `or`; each joins its tests by `and`. */
export interface Description extends Tally {
  clauses: Condition[][]
  f1: number
  /** Tests in it; a list of values counts each. */
  cost: number
}

function describeClauses(goal: Goal, clauses: Condition[][]): Description {
  const matched = clauses.map((parts) => matchAll(goal, parts)).reduce(join)
  const tally = tallyBoth(matched, goal.domain, goal.inside)
  const cost = clauses.flat().reduce((sum, part) => sum + part.cost, 0)
  return { clauses, ...tally, f1: scoreF1(goal, tally), cost }
}

const matchAll = (goal: Goal, parts: readonly Condition[]): Bits =>
  parts.reduce((bits, part) => meet(bits, part.bits), goal.domain)

export const scoreDescription = ({ f1, cost }: Description): number => f1 - conditionCost * cost

const mostRounds = 3
const noGain = 1e-12

/**
 * Makes a description better, test by test, as long as it helps: leaves out tests that are not worth their cost, and fits bounds again, now that the
 * other tests are known. `goal` is the whole selection among all rows.
 */
export function improveDescription(goal: Goal, clauses: Condition[][]): Description {
  let best = describeClauses(goal, clauses)
  for (let round = 0; round < mostRounds; round++) {
    const before = scoreDescription(best)
    for (let c = 0; c < best.clauses.length; c++)
      for (let p = best.clauses[c]!.length - 1; p >= 0; p--) {
        if (best.clauses[c]!.length > 1) {
          const shorter = describeClauses(goal, replaceClause(best, c, best.clauses[c]!.toSpliced(p, 1)))
          if (scoreDescription(shorter) >= scoreDescription(best)) {
            best = shorter
            continue
          }
        }
        const fitted = refitPart(goal, best, c, p)
        if (fitted === undefined) continue
        const other = describeClauses(goal, replaceClause(best, c, best.clauses[c]!.with(p, fitted)))
        const gain = scoreDescription(other) - scoreDescription(best)
        const shorter = fitted.text.length < best.clauses[c]![p]!.text.length
        if (gain > noGain || (gain >= -noGain && shorter)) best = other
      }
    if (scoreDescription(best) <= before) break
  }
  return best
}

const replaceClause = ({ clauses }: Description, at: number, parts: Condition[]): Condition[][] =>
  clauses.with(at, parts)

/** The best bounds among the rows that pass the other tests of the clause and that no other clause matches. */
function refitPart(goal: Goal, { clauses }: Description, c: number, p: number): Condition | undefined {
  const { numbers } = clauses[c]![p]!
  if (numbers === undefined) return undefined
  const elsewhere = clauses
    .toSpliced(c, 1)
    .map((parts) => matchAll(goal, parts))
    .reduce(join, emptyBits(goal.rows))
  const rows = matchAll(goal, clauses[c]!.toSpliced(p, 1)).map((word, w) => word & ~elsewhere[w]!)
  const fitted = refitBounds(
    numbers,
    narrowGoal(goal, rows, tallyBoth(elsewhere, goal.domain, goal.inside)),
    conditionCost,
  )
  return fitted === undefined ? undefined : toCondition(fitted, goal.rows)
}
