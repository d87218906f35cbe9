import { emptyBits, invert, setBit, type Bits, type Tally } from './bits.ts'

/** What a description is to match, in a part of the rows. */
export interface Goal {
  rows: number
  /** By row: 0 of no account, 1 not selected, 2 selected. */
  mark: Uint8Array
  /** The rows with marks 1 and 2, and those with 2. */
  domain: Bits
  inside: Bits
  /** Rows of the whole selection. */
  selected: number
  /** What another part of the description matches; those rows have mark 0. */
  covered: Tally
}

/** The goal of describing the rows with a 1, among all. */
export function createGoal(marks: Uint8Array): Goal {
  const rows = marks.length
  const mark = new Uint8Array(rows)
  const inside = emptyBits(rows)
  let selected = 0
  for (let row = 0; row < rows; row++) {
    mark[row] = marks[row] === 1 ? 2 : 1
    if (marks[row] !== 1) continue
    setBit(inside, row)
    selected++
  }
  const domain = emptyBits(rows)
  invert(domain, rows)
  return { rows, mark, domain, inside, selected, covered: { count: 0, hits: 0 } }
}

/** The goal of the same selection among the rows `domain` alone, when another part of the description matches `covered`. */
export function narrowGoal(goal: Goal, domain: Bits, covered: Tally): Goal {
  const mark = new Uint8Array(goal.rows)
  for (let row = 0; row < goal.rows; row++) if ((domain[row >>> 5]! >>> (row & 31)) & 1) mark[row] = goal.mark[row]!
  return { ...goal, mark, domain, inside: goal.inside.map((word, w) => word & domain[w]!), covered }
}

/** F1 (harmonic mean of precision and recall) of what matches so many rows of the domain, together with what is covered already. */
export function scoreF1({ selected, covered }: Goal, { count, hits }: Tally): number {
  const found = covered.hits + hits
  return found === 0 ? 0 : (2 * found) / (covered.count + count + selected)
}

/**
 * Share of the selected rows left that are kept, less the share of the others: 1 is perfect, 0 tells nothing. Youden's J,
 * proportional to weighted relative accuracy.
 */
export function scoreGain({ rows, selected, covered }: Goal, { count, hits }: Tally): number {
  const left = selected - covered.hits
  const others = rows - covered.count - left
  return hits / Math.max(1, left) - (count - hits) / Math.max(1, others)
}
