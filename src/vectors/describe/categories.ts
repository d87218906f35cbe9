import { quote } from '#query'
import { invert, setBit, type Bits, type Tally } from './bits.ts'
import type { Candidate } from './conditions.ts'
import { scoreF1, scoreGain, type Goal } from './goal.ts'

export interface CategoryColumn {
  /** As a query writes it. */
  name: string
  names: readonly string[]
  /** Category k holds the places start[k] to start[k + 1] of the order; missing rows come after all of them. */
  order: Int32Array
  start: Int32Array
}

/** Values alone and negations of them that are looked at, and the most that are listed together. */
const mostSingle = 12
const mostListed = 12
/** What a further value of a list must be worth. */
const valueGain = 0.01

export function prepareCategories(name: string, values: Int32Array, names: readonly string[]): CategoryColumn {
  const slot = (row: number): number => (values[row]! < 0 ? names.length : values[row]!)
  const start = new Int32Array(names.length + 2)
  for (let row = 0; row < values.length; row++) start[slot(row) + 1]!++
  for (let k = 1; k < start.length; k++) start[k]! += start[k - 1]!
  const next = start.slice()
  const order = new Int32Array(values.length)
  for (let row = 0; row < values.length; row++) order[next[slot(row)]!++] = row
  return { name, names, order, start }
}

/** Tests that could tell the selection from the rest: a value, not a value, one of several values, none of several, being missing. */
export function listCategoryTests(column: CategoryColumn, goal: Goal): Candidate[] {
  const { name, names, start, order } = column
  const tallies: Tally[] = []
  for (let k = 0; k <= names.length; k++) {
    let count = 0
    let hits = 0
    for (let i = start[k]!; i < start[k + 1]!; i++) {
      const own = goal.mark[order[i]!]!
      count += own > 0 ? 1 : 0
      hits += own === 2 ? 1 : 0
    }
    tallies.push({ count, hits })
  }
  const all: Tally = { count: goal.rows - goal.covered.count, hits: goal.selected - goal.covered.hits }
  const known = [...names.keys()].filter((k) => tallies[k]!.count > 0)
  const missing = start[names.length + 1]! > start[names.length]!
  const rank = (score: (tally: Tally) => number): number[] =>
    known.toSorted((a, b) => score(tallies[b]!) - score(tallies[a]!) || a - b)
  const f1 = (tally: Tally): number => scoreF1(goal, tally)
  const gain = (tally: Tally): number => scoreGain(goal, tally)
  const byGain = rank(gain)
  const tests: Candidate[] = []
  for (const k of new Set([...rank(f1).slice(0, mostSingle), ...byGain.slice(0, mostSingle)]))
    tests.push(writeTest(column, [k], tallies, null))
  for (const k of byGain.toReversed().slice(0, mostSingle)) tests.push(writeTest(column, [k], tallies, all))
  const sets = [
    { values: addValues(known, tallies, { count: 0, hits: 0 }, f1, 1), but: null },
    { values: addValues(known, tallies, { count: 0, hits: 0 }, gain, 1), but: null },
    { values: addValues(known, tallies, all, f1, -1), but: all },
    { values: addValues(known, tallies, all, gain, -1), but: all },
  ]
  for (const { values, but } of sets) if (values.length > 1) tests.push(writeTest(column, values, tallies, but))
  if (missing && known.length > 0) {
    const none = [names.length]
    const base = { column: name, cost: 1 }
    tests.push({ ...base, ...tallies[names.length]!, text: `${name} is missing`, fill: fillWith(column, none, null) })
    const rest = { count: all.count - tallies[names.length]!.count, hits: all.hits - tallies[names.length]!.hits }
    tests.push({ ...base, ...rest, text: `${name} exists`, fill: fillWith(column, none, order.length) })
  }
  return [...new Map(tests.map((test) => [test.text, test])).values()]
}

/** Adds values to a set, or takes them off, the most useful first, as long as each is worth its place. */
function addValues(
  known: readonly number[],
  tallies: readonly Tally[],
  from: Tally,
  score: (tally: Tally) => number,
  sign: 1 | -1,
): number[] {
  const left = new Set(known)
  const taken: number[] = []
  let tally = from
  let best = score(from)
  while (taken.length < mostListed && left.size > 1) {
    let next = -1
    let most = -Infinity
    for (const k of left) {
      const own = score({ count: tally.count + sign * tallies[k]!.count, hits: tally.hits + sign * tallies[k]!.hits })
      if (own <= most) continue
      most = own
      next = k
    }
    if (most < best + valueGain) break
    best = most
    tally = { count: tally.count + sign * tallies[next]!.count, hits: tally.hits + sign * tallies[next]!.hits }
    left.delete(next)
    taken.push(next)
  }
  return taken.sort((a, b) => a - b)
}

/** A test for one of the values, or, with the tally of all rows, for none of them; missing ones pass that, as in any query. */
function writeTest(
  column: CategoryColumn,
  values: readonly number[],
  tallies: readonly Tally[],
  all: Tally | null,
): Candidate {
  let count = all?.count ?? 0
  let hits = all?.hits ?? 0
  for (const k of values) {
    count += (all === null ? 1 : -1) * tallies[k]!.count
    hits += (all === null ? 1 : -1) * tallies[k]!.hits
  }
  const { name, names, order } = column
  const list = values.map((k) => quote(names[k]!, '"')).join(', ')
  const single = all === null ? `${name} = ${list}` : `${name} != ${list}`
  const several = all === null ? `${name} in (${list})` : `${name} not in (${list})`
  return {
    text: values.length === 1 ? single : several,
    column: name,
    cost: values.length,
    count,
    hits,
    fill: fillWith(column, values, all === null ? null : order.length),
  }
}

/** Sets the rows of the categories, or, with a number of rows, all the others. */
function fillWith(
  { order, start }: CategoryColumn,
  values: readonly number[],
  rows: number | null,
): (bits: Bits) => void {
  return (bits) => {
    for (const k of values) for (let i = start[k]!; i < start[k + 1]!; i++) setBit(bits, order[i]!)
    if (rows !== null) invert(bits, rows)
  }
}
