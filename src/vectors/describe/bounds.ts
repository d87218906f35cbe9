import type { Tally } from './bits.ts'
import { scoreF1, scoreGain, type Goal } from './goal.ts'

/** Rising values of a column with running sums over the rows of a goal: sums before step s, and after the last. */
export interface Steps {
  values: Float64Array
  counts: Int32Array
  hits: Int32Array
  /** Whether all values are whole. */
  integers: boolean
}

/** The steps from ≤ s < to. */
export interface Range {
  from: number
  to: number
}

export type Measure = 'f1' | 'gain'

/** What a rounded bound may cost in score, and how many digits keeping the very same rows may take more than that. */
const roundingLoss = 0.001
const exactDigits = 1
const noLoss = 1e-12
const mostDigits = 17
/** Of Dinkelbach's method, which takes three or four. */
const mostRounds = 20
/** Whole numbers with so few different values are bounds as they are. */
const fewIntegers = 64

export function tallyRange({ counts, hits }: Steps, { from, to }: Range): Tally {
  return { count: counts[to]! - counts[from]!, hits: hits[to]! - hits[from]! }
}

const scoreRange = (steps: Steps, goal: Goal, measure: Measure, range: Range): number =>
  (measure === 'f1' ? scoreF1 : scoreGain)(goal, tallyRange(steps, range))

/** Every step as a place for a bound, or, with a limit, so many at about equal numbers of rows. */
export function listCuts({ values, counts }: Steps, limit = Infinity): Int32Array {
  const last = values.length
  if (last <= limit) return Int32Array.from({ length: last + 1 }, (_, cut) => cut)
  const cuts: number[] = [0]
  const every = counts[last]! / limit
  for (let cut = 1, next = every; cut < last; cut++) {
    if (counts[cut]! < next) continue
    cuts.push(cut)
    next = counts[cut]! + every
  }
  return Int32Array.from([...cuts, last])
}

/** The lower bound alone, the upper bound alone and the two together that score best among the cuts; fewer where none parts the values. */
export function findRanges(steps: Steps, goal: Goal, measure: Measure, cuts: Int32Array): Range[] {
  const { values, counts, hits } = steps
  const last = values.length
  const price = measure === 'gain' ? gainPrices(goal) : null
  const { selected, covered } = goal
  const total = { count: counts[last]!, hits: hits[last]! }
  const lower = { from: 0, to: last }
  const upper = { from: 0, to: last }
  let mostLower = -Infinity
  let mostUpper = -Infinity
  for (let i = 1; i < cuts.length - 1; i++) {
    const cut = cuts[i]!
    const count = counts[cut]!
    const hit = hits[cut]!
    const up =
      price === null
        ? (covered.hits + hit) / (covered.count + count + selected)
        : price.perHit * hit - price.perRow * count
    const low =
      price === null
        ? (covered.hits + total.hits - hit) / (covered.count + total.count - count + selected)
        : price.perHit * (total.hits - hit) - price.perRow * (total.count - count)
    if (low > mostLower) {
      mostLower = low
      lower.from = cut
    }
    if (up > mostUpper) {
      mostUpper = up
      upper.to = cut
    }
  }
  /** No bound lies next to an infinite value, which no query can write. */
  const isFinite = (cut: number): boolean =>
    cut === 0 || cut === last || (Number.isFinite(values[cut - 1]) && Number.isFinite(values[cut]))
  return [lower, upper, findInner(steps, goal, measure, cuts)].filter(
    ({ from, to }) => to > from && (from > 0 || to < last) && isFinite(from) && isFinite(to),
  )
}

/** A gain as the sum of so much for each selected row, less so much for each row. */
function gainPrices(goal: Goal): { perHit: number; perRow: number } {
  const perRow = -scoreGain(goal, { count: 1, hits: 0 })
  return { perHit: scoreGain(goal, { count: 1, hits: 1 }) + perRow, perRow }
}

/**
 * The range of the highest score. A gain is a sum over the rows of the range, and the largest such sum takes one pass (Kadane). F1 is a ratio of two sums, which
 * Dinkelbach's method (1967) maximises by a few such passes, each with the best ratio so far as the price of a row.
 */
function findInner(steps: Steps, goal: Goal, measure: Measure, cuts: Int32Array): Range {
  if (measure === 'gain') {
    const { perHit, perRow } = gainPrices(goal)
    return findLargestSum(steps, cuts, perHit, perRow)
  }
  let price = scoreRange(steps, goal, 'f1', { from: 0, to: steps.values.length })
  let best = findLargestSum(steps, cuts, 2, price)
  for (let round = 0; round < mostRounds; round++) {
    const score = scoreRange(steps, goal, 'f1', best)
    if (score <= price + 1e-12) break
    price = score
    best = findLargestSum(steps, cuts, 2, price)
  }
  return best
}

/** The range with the largest sum of `perHit` for its selected rows less `perRow` for all. */
function findLargestSum({ counts, hits }: Steps, cuts: Int32Array, perHit: number, perRow: number): Range {
  const best = { from: 0, to: 0 }
  let most = -Infinity
  let lowest = 0
  let lowestAt = 0
  for (let i = 1; i < cuts.length; i++) {
    const cut = cuts[i]!
    const sum = perHit * hits[cut]! - perRow * counts[cut]!
    if (sum - lowest > most) {
      most = sum - lowest
      best.from = lowestAt
      best.to = cut
    }
    if (sum < lowest) {
      lowest = sum
      lowestAt = cut
    }
  }
  return best
}

export interface Bounds extends Range {
  /** Both included; infinite where there is no bound. */
  low: number
  high: number
}

/** Writes a range with bounds of few digits, which score the same or nearly so. */
export function roundBounds(steps: Steps, range: Range, goal: Goal, measure: Measure): Bounds {
  const bounds: Bounds = { ...range, low: -Infinity, high: Infinity }
  const best = scoreRange(steps, goal, measure, range)
  const lose = (from: number, to: number): number =>
    to > from ? best - scoreRange(steps, goal, measure, { from, to }) : Infinity
  if (range.from > 0) {
    bounds.low = roundCut(steps, range.from, 'low', (cut) => lose(cut, bounds.to))
    bounds.from = findCut(steps.values, bounds.low, 'low')
  }
  if (range.to < steps.values.length) {
    bounds.high = roundCut(steps, range.to, 'high', (cut) => lose(bounds.from, cut))
    bounds.to = findCut(steps.values, bounds.high, 'high')
  }
  return bounds
}

/** The shortest number that loses next to nothing; one that loses nothing where that takes at most one digit more. */
function roundCut(steps: Steps, cut: number, side: 'low' | 'high', lossAt: (cut: number) => number): number {
  const { values, integers } = steps
  const own = side === 'low' ? values[cut]! : values[cut - 1]!
  if (integers && values.length <= fewIntegers) return own
  // Neighbouring places that score the same leave more room for a short number.
  let first = cut
  while (first > 1 && lossAt(first - 1) <= noLoss) first--
  let last = cut
  while (last < values.length - 1 && lossAt(last + 1) <= noLoss) last++
  const below = Math.max(values[first - 1]!, -Number.MAX_VALUE)
  const above = Math.min(values[last]!, Number.MAX_VALUE)
  const middle = below / 2 + above / 2
  const coarsest = Math.ceil(Math.log10(Math.max(Math.abs(below), Math.abs(above)))) + 1
  let near: { value: number; decimals: number } | undefined
  for (let decimals = -coarsest; decimals <= mostDigits - coarsest; decimals++) {
    if (near !== undefined && decimals > near.decimals + exactDigits) return near.value
    const value = roundTo(middle, decimals)
    const at = findCut(values, value, side)
    if (at === 0 || at === values.length) continue
    const loss = lossAt(at)
    if (loss <= noLoss) return value
    if (near === undefined && loss <= roundingLoss) near = { value, decimals }
  }
  return near?.value ?? own
}

/** A multiple of 10^−decimals; 0 is one of each. */
function roundTo(value: number, decimals: number): number {
  const scale = 10 ** Math.abs(decimals)
  if (decimals <= 0) return Math.round(value / scale) * scale + 0
  return decimals <= 100 ? Number(value.toFixed(decimals)) + 0 : Math.round(value * scale) / scale + 0
}

/** The first step at or above a lower bound; the first beyond an upper one. */
function findCut(values: Float64Array, bound: number, side: 'low' | 'high'): number {
  let from = 0
  let to = values.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (values[middle]! < bound || (side === 'high' && values[middle] === bound)) from = middle + 1
    else to = middle
  }
  return from
}
