import { quoteName, quoteText } from '../shell/view.ts'
import { showNumber } from './scene.ts'

/** Parts that values fall into, in order. */
export interface Axis {
  title: string
  count: number
  /** Name of a part, for people. */
  nameOf: (part: number) => string
  /** What finds the samples of a part; null where nothing does. */
  conditionOf: (part: number) => string | null
  /** Part of a value; −1 for none. */
  partOf: (value: number) => number
  /** Numbers: the edges of the parts, one more than there are parts. Null for names. */
  edges: readonly number[] | null
}

export const missingName = '(none)'

/** An axis of names; values are their numbers, −1 for missing, which has the last part. */
export function nameAxis(title: string, names: readonly string[], conditionOf: (name: string | null) => string): Axis {
  const last = names.length
  return {
    title,
    count: last + 1,
    nameOf: (part) => names[part] ?? missingName,
    conditionOf: (part) => conditionOf(names[part] ?? null),
    partOf: (value) => (value >= 0 && value < last ? value : last),
    edges: null,
  }
}

/** An axis of numbers between edges, the last part with its upper edge. `write` gives a bound as the query language has it. */
export function edgeAxis(
  title: string,
  edges: readonly number[],
  conditionOf: (low: number, high: number, isLast: boolean) => string | null,
  show: (value: number) => string = showNumber,
): Axis {
  const count = edges.length - 1
  return {
    title,
    count,
    nameOf: (part) => `${show(edges[part]!)} – ${show(edges[part + 1]!)}`,
    conditionOf: (part) => conditionOf(edges[part]!, edges[part + 1]!, part === count - 1),
    partOf: (value) => findPart(edges, value),
    edges,
  }
}

function findPart(edges: readonly number[], value: number): number {
  const last = edges.length - 1
  if (!(value >= edges[0]!) || !(value <= edges[last]!)) return -1
  // Edges are even but for their rounding, so this is the part or one next to it.
  let part = Math.min(last - 1, Math.floor(((value - edges[0]!) / (edges[last]! - edges[0]!)) * last))
  while (part > 0 && edges[part]! > value) part--
  while (part < last - 1 && edges[part + 1]! <= value) part++
  return part
}

/**
 * Edges of at most `parts` parts that hold all finite values: even steps of 1, 2, 2.5 or 5 times a power of ten. Empty without values;
 * one part around a single value. Integers get whole steps.
 */
export function findEdges(values: ArrayLike<number>, parts: number, isInteger = false): number[] {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return []
  // Values are 32 bit floats; finer steps than they have would be noise.
  const finest = Math.max(Math.abs(low), Math.abs(high)) * 1e-6 + 1e-12
  const step = niceStep(low === high ? 0 : Math.max(finest, (high - low) / parts), isInteger)
  const first = Math.floor(low / step)
  const last = Math.max(first + 1, Math.ceil(high / step))
  const digits = Math.max(0, 2 - Math.floor(Math.log10(step)))
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(Math.min(15, digits))))
}

function niceStep(wanted: number, isInteger: boolean): number {
  if (wanted === 0) return 1
  const ten = 10 ** Math.floor(Math.log10(wanted))
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * ten >= wanted * (1 - 1e-9)) ?? 10
  const step = factor * ten
  return isInteger ? Math.max(1, Math.ceil(step)) : step
}

/** Numbers of at most `most` even edges to write a value at: those at whole steps of 1, 2, 2.5 or 5 times a power of ten; else first and last. */
export function pickTicks(edges: readonly number[], most: number): number[] {
  const last = edges.length - 1
  const part = (edges[last]! - edges[0]!) / last
  for (let times = 1; times <= last; times++) {
    const step = part * times
    const factor = step / 10 ** Math.floor(Math.log10(step) + 1e-9)
    if (![1, 2, 2.5, 5].some((one) => Math.abs(factor - one) < 1e-3)) continue
    const ticks = edges.flatMap((edge, i) => (Math.abs(edge / step - Math.round(edge / step)) < 1e-3 ? [i] : []))
    if (ticks.length >= 2 && ticks.length <= most) return ticks
  }
  return last === 0 ? [0] : [0, last]
}

/** What finds the samples whose field lies in a part. */
export function fieldRange(field: string, write: (value: number) => string = String) {
  const name = quoteName(field)
  return (low: number, high: number, isLast: boolean): string =>
    `${name} >= ${write(low)} and ${name} ${isLast ? '<=' : '<'} ${write(high)}`
}

/** What finds the samples with a value of a field. */
export function fieldValue(field: string, isText: boolean) {
  const name = quoteName(field)
  return (value: string | null): string =>
    value === null ? `${name} is missing` : `${name} = ${isText ? quoteText(value) : value}`
}

/** How often each pair of parts comes up, row by row of `y`: `xs[i]` with `ys[i]`. Pairs without a part on either axis are left out. */
export function countPairs(x: Axis, y: Axis, xs: ArrayLike<number>, ys: ArrayLike<number>): Float64Array {
  const counts = new Float64Array(x.count * y.count)
  for (let i = 0; i < xs.length; i++) {
    const column = x.partOf(xs[i]!)
    if (column < 0) continue
    const row = y.partOf(ys[i]!)
    if (row >= 0) counts[row * x.count + column]!++
  }
  return counts
}
