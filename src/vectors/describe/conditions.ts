import { parseQuery, quote } from '#query'
import { emptyBits, invert, setBit, type Bits, type Tally } from './bits.ts'
import { listCategoryTests, prepareCategories } from './categories.ts'
import type { Goal } from './goal.ts'
import { listNumberTests, prepareNumbers, type NumberColumn } from './numbers.ts'

/** What is known of the samples, by rows. */
export type ExplainColumn =
  | { kind: 'number'; name: string; /** NaN where missing. */ values: Float64Array }
  | { kind: 'category'; name: string; /** Index into `names`, −1 where missing. */ values: Int32Array; names: string[] }
  | {
      kind: 'flags'
      name: string
      /** `text` is the condition as a query writes it, `rows` the numbers of the rows that meet it. */
      members: { text: string; rows: Int32Array }[]
    }

/** One test of the query language; the tally is over the rows of the goal it was found for. */
export interface Candidate extends Tally {
  text: string
  /** What it is about: two tests of one column do not go together. */
  column: string
  /** Length for a reader: 1, the number of bounds, or the number of values listed. */
  cost: number
  /** Adds the rows that pass to an empty set. */
  fill(bits: Bits): void
  /** Of bounds, to fit them again. */
  numbers?: NumberColumn
}

/** A test with the rows that pass it. */
export interface Condition extends Candidate {
  bits: Bits
}

export function toCondition(candidate: Candidate, rows: number): Condition {
  const bits = emptyBits(rows)
  candidate.fill(bits)
  return { ...candidate, bits }
}

/** Reads a column once; what comes back lists every test of it that could tell the rows of a goal apart. */
export function prepareColumn(column: ExplainColumn): (goal: Goal) => Candidate[] {
  switch (column.kind) {
    case 'number': {
      const numbers = prepareNumbers(writeName(column.name), column.values)
      return (goal) => listNumberTests(numbers, goal)
    }
    case 'category': {
      const categories = prepareCategories(writeName(column.name), column.values, column.names)
      return (goal) => listCategoryTests(categories, goal)
    }
    case 'flags': {
      const members = column.members.map(({ text, rows }) => ({ text: bracketLoose(text), rows }))
      return (goal) => members.flatMap(({ text, rows }) => listFlagTests(`${column.name} ${text}`, text, rows, goal))
    }
  }
}

function listFlagTests(column: string, text: string, own: Int32Array, goal: Goal): Candidate[] {
  let count = 0
  let hits = 0
  for (const row of own) {
    const mark = goal.mark[row]!
    count += mark > 0 ? 1 : 0
    hits += mark === 2 ? 1 : 0
  }
  const fill = (bits: Bits): void => own.forEach((row) => setBit(bits, row))
  const fillRest = (bits: Bits): void => {
    fill(bits)
    invert(bits, goal.rows)
  }
  const rest = {
    count: goal.rows - goal.covered.count - count,
    hits: goal.selected - goal.covered.hits - hits,
  }
  return [
    { text, column, cost: 1, count, hits, fill },
    { text: `not ${text}`, column, cost: 1, ...rest, fill: fillRest },
  ]
}

/** Brackets around what `not` or `and` would tear apart. Throws QUERY_INVALID for text that is no query. */
function bracketLoose(text: string): string {
  const kind = parseQuery(text).where?.kind
  return kind === 'and' || kind === 'or' ? `(${text})` : text
}

/** Words that mean something else than a field of that name. */
const taken = /^(and|or|not|between|exists|is|in|order|limit|class|tag|objects|labels|slice|id)$/

/** Plain where a query may write it plainly. */
function writeName(name: string): string {
  const plain = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/.test(name) && !name.startsWith('labels.') && !taken.test(name)
  return plain ? name : quote(name, '`')
}
