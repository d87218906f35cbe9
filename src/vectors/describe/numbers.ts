import { invert, setBit, type Bits } from './bits.ts'
import { findRanges, listCuts, roundBounds, tallyRange, type Bounds, type Steps } from './bounds.ts'
import type { Candidate } from './conditions.ts'
import { scoreF1, type Goal } from './goal.ts'
import { rankRows } from './ranks.ts'

/** A column of numbers, ready to be searched for bounds again and again. */
export interface NumberColumn {
  /** As a query writes it. */
  name: string
  rows: number
  /** Rows by rising value, without missing ones. */
  order: Int32Array
  /** The different values, rising; step s holds the places start[s] to start[s + 1] of the order. */
  values: Float64Array
  start: Int32Array
  integers: boolean
}

/** Whole numbers with so few different values are tested for equality. */
const fewEqual = 20
/** Bounds are first sought at so many places; fitting them again looks at all. */
const mostCuts = 2048

export function prepareNumbers(name: string, numbers: Float64Array): NumberColumn {
  const order = rankRows(numbers)
  const sorted = Float64Array.from(order, (row) => numbers[row]!)
  const places = new Int32Array(order.length + 1)
  let count = 0
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i]! > sorted[i - 1]!) places[count++] = i
  const values = Float64Array.from({ length: count }, (_, step) => sorted[places[step]!]!)
  places[count] = order.length
  return {
    name,
    rows: numbers.length,
    order,
    values,
    start: places.subarray(0, count + 1),
    integers: values.every((value) => Number.isSafeInteger(value)),
  }
}

/** Tests that could tell the selection from the rest: bounds by F1 and by gain, single values where there are few, being missing. */
export function listNumberTests(column: NumberColumn, goal: Goal): Candidate[] {
  const { values, name, order, rows, integers } = column
  const steps = sumSteps(column, goal)
  const cuts = listCuts(steps, mostCuts)
  const tests: Candidate[] = []
  for (const measure of ['f1', 'gain'] as const)
    for (const range of findRanges(steps, goal, measure, cuts))
      tests.push(writeTest(column, steps, roundBounds(steps, range, goal, measure)))
  if (integers && values.length > 1 && values.length <= fewEqual)
    for (const [s, value] of values.entries())
      tests.push(writeTest(column, steps, { from: s, to: s + 1, low: value, high: value }))
  if (order.length > 0 && order.length < rows) {
    const known = tallyRange(steps, { from: 0, to: values.length })
    const count = goal.rows - goal.covered.count - known.count
    const hits = goal.selected - goal.covered.hits - known.hits
    const fill = (bits: Bits): void => order.forEach((row) => setBit(bits, row))
    tests.push({ column: name, cost: 1, text: `${name} exists`, ...known, fill })
    const fillRest = (bits: Bits): void => {
      fill(bits)
      invert(bits, rows)
    }
    tests.push({ column: name, cost: 1, text: `${name} is missing`, count, hits, fill: fillRest })
  }
  return [...new Map(tests.map((test) => [test.text, test])).values()]
}

/** The bounds of the best F1 less `price` a bound among the rows of the goal; undefined where no bound parts them. */
export function refitBounds(column: NumberColumn, goal: Goal, price: number): Candidate | undefined {
  const steps = sumSteps(column, goal)
  const worth = (test: Candidate): number => scoreF1(goal, test) - price * test.cost
  return findRanges(steps, goal, 'f1', listCuts(steps))
    .map((range) => writeTest(column, steps, roundBounds(steps, range, goal, 'f1')))
    .toSorted((a, b) => worth(b) - worth(a))[0]
}

function sumSteps({ values, order, start, integers }: NumberColumn, { mark }: Goal): Steps {
  const counts = new Int32Array(values.length + 1)
  const hits = new Int32Array(values.length + 1)
  let count = 0
  let hit = 0
  for (let s = 0; s < values.length; s++) {
    for (let i = start[s]!; i < start[s + 1]!; i++) {
      const own = mark[order[i]!]!
      count += own > 0 ? 1 : 0
      hit += own === 2 ? 1 : 0
    }
    counts[s + 1] = count
    hits[s + 1] = hit
  }
  return { values, counts, hits, integers }
}

function writeTest(column: NumberColumn, steps: Steps, { from, to, low, high }: Bounds): Candidate {
  const { name, order, start, integers } = column
  const equal = integers && to === from + 1 && low > -Infinity && high < Infinity
  const texts = equal
    ? [`${name} = ${column.values[from]}`]
    : [...(low > -Infinity ? [`${name} >= ${low}`] : []), ...(high < Infinity ? [`${name} <= ${high}`] : [])]
  return {
    text: texts.join(' and '),
    column: name,
    cost: texts.length,
    ...tallyRange(steps, { from, to }),
    fill: (bits) => {
      for (let i = start[from]!; i < start[to]!; i++) setBit(bits, order[i]!)
    },
    numbers: column,
  }
}
