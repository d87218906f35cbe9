import { quote } from '#query'
import { countBits, emptyBits, invert, setBit, type Bits } from './bits.ts'

/** What is known of the samples, by rows. */
export type ExplainColumn =
  | { kind: 'number'; name: string; /** NaN where missing. */ values: Float64Array }
  | { kind: 'category'; name: string; /** Index into `names`, −1 where missing. */ values: Int32Array; names: string[] }
  | {
      kind: 'flags'
      name: string
      /** `text` is the condition as a query writes it. */ members: { text: string; rows: Int32Array }[]
    }

/** One test of the query language and the rows that pass it. */
export interface Condition {
  text: string
  /** Column it is about: two tests of one column do not go together. */
  column: string
  bits: Bits
  count: number
  hits: number
  /** Length for a reader: 1, or the number of values listed. */
  cost: number
}

/** F1 of a description: harmonic mean of precision and recall. */
export function scoreF1(hits: number, count: number, selected: number): number {
  return hits === 0 ? 0 : (2 * hits) / (count + selected)
}

/** Every test of a column that could tell the selection from the rest. */
export function listConditions(column: ExplainColumn, inside: Bits, selected: number, rows: number): Condition[] {
  const make = (text: string, bits: Bits, cost = 1): Condition => ({
    text,
    column: column.name,
    bits,
    cost,
    ...countBits(bits, inside),
  })
  switch (column.kind) {
    case 'number':
      return listThresholds(column.values, inside, selected).map(({ low, high }) => {
        const cost = low > -Infinity && high < Infinity ? 2 : 1
        const bits = emptyBits(rows)
        column.values.forEach((value, row) => {
          if (value >= low && value <= high) setBit(bits, row)
        })
        return make(writeRange(column.name, low, high), bits, cost)
      })
    case 'category':
      return listCategories(column, inside, selected, rows, make)
    case 'flags':
      return column.members.flatMap(({ text, rows: own }) => {
        const bits = emptyBits(rows)
        for (const row of own) setBit(bits, row)
        return [make(text, bits), { ...make(`not ${text}`, invert(bits, rows)), column: `${column.name} ${text}` }]
      })
  }
}

function listCategories(
  { name, values, names }: Extract<ExplainColumn, { kind: 'category' }>,
  inside: Bits,
  selected: number,
  rows: number,
  make: (text: string, bits: Bits, cost?: number) => Condition,
): Condition[] {
  const field = writeName(name)
  const sets = names.map(() => emptyBits(rows))
  values.forEach((value, row) => {
    if (value >= 0) setBit(sets[value]!, row)
  })
  const single = names.map((value, i) => make(`${field} = ${quote(value, '"')}`, sets[i]!))
  const negative = names.map((value, i) => make(`${field} != ${quote(value, '"')}`, invert(sets[i]!, rows)))
  // Several values: the purest first, as long as the description gets better.
  const order = single
    .map((condition, i) => ({ condition, i }))
    .filter(({ condition }) => condition.hits > 0)
    .toSorted((a, b) => b.condition.hits / b.condition.count - a.condition.hits / a.condition.count)
  const together = emptyBits(rows)
  const taken: number[] = []
  let best = 0
  for (const { i } of order.slice(0, 12)) {
    const tried = together.map((word, w) => word | sets[i]![w]!)
    const { count, hits } = countBits(tried, inside)
    const f1 = scoreF1(hits, count, selected)
    if (f1 <= best) continue
    best = f1
    together.set(tried)
    taken.push(i)
  }
  const list = taken.map((i) => quote(names[i]!, '"')).join(', ')
  return [...single, ...negative, ...(taken.length > 1 ? [make(`${field} in (${list})`, together, taken.length)] : [])]
}

/** Lower and upper bounds that describe the selection best: one of them alone, and both. */
function listThresholds(values: Float64Array, inside: Bits, selected: number): { low: number; high: number }[] {
  const order = Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]!))
  order.sort((a, b) => values[a]! - values[b]!)
  if (order.length < 2) return []
  const isIn = (row: number): number => (inside[row >>> 5]! >>> (row & 31)) & 1
  // hits[i]: rows of the selection before place i.
  const hits = new Int32Array(order.length + 1)
  for (let i = 0; i < order.length; i++) hits[i + 1] = hits[i]! + isIn(order[i]!)
  /** Places where the value changes; a bound can only lie there. */
  const cuts = [0]
  for (let i = 1; i < order.length; i++) if (values[order[i]!]! > values[order[i - 1]!]!) cuts.push(i)
  cuts.push(order.length)
  const f1 = (from: number, to: number): number => scoreF1(hits[to]! - hits[from]!, to - from, selected)
  const bestOf = (score: (cut: number) => number): number =>
    cuts.reduce((best, cut) => (score(cut) > score(best) ? cut : best), cuts[0]!)
  const from = bestOf((cut) => f1(cut, order.length))
  const to = bestOf((cut) => f1(0, cut))
  const rangeTo = bestOf((cut) => (cut > from ? f1(from, cut) : -1))
  const rangeFrom = bestOf((cut) => (cut < rangeTo ? f1(cut, rangeTo) : -1))
  const bound = (cut: number, upper: boolean): number => {
    const below = cut === 0 ? -Infinity : values[order[cut - 1]!]!
    const above = cut === order.length ? Infinity : values[order[cut]!]!
    if (upper) return cut === order.length ? Infinity : shortest(below, above, 'low')
    return cut === 0 ? -Infinity : shortest(below, above, 'high')
  }
  const ranges = [
    { low: bound(from, false), high: Infinity },
    { low: -Infinity, high: bound(to, true) },
    { low: bound(rangeFrom, false), high: bound(rangeTo, true) },
  ]
  return ranges.filter(({ low, high }) => low > -Infinity || high < Infinity)
}

/** The number with the fewest digits that parts two values: above the lower one for a lower bound, below the upper one for an upper bound. */
function shortest(below: number, above: number, keep: 'low' | 'high'): number {
  for (let digits = 1; digits <= 15; digits++) {
    const middle = Number(((below + above) / 2).toPrecision(digits))
    const fits = keep === 'high' ? middle > below && middle <= above : middle >= below && middle < above
    if (fits) return middle
  }
  return keep === 'high' ? above : below
}

function writeRange(name: string, low: number, high: number): string {
  const field = writeName(name)
  if (high === Infinity) return `${field} >= ${low}`
  if (low === -Infinity) return `${field} <= ${high}`
  return `${field} >= ${low} and ${field} <= ${high}`
}

/** Plain where a query may write it plainly. */
function writeName(name: string): string {
  return /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/.test(name) ? name : quote(name, '`')
}
