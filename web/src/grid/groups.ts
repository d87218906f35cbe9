import type { FieldColumn } from '../api/client.ts'
import { indexIds } from './id-index.ts'
import type { Group, Items } from './items.ts'

const mostGroups = 200
const numberBins = 20
const dayS = 86_400

/** How the values of a field part samples. */
interface Parting {
  /** Group of a value; −1 for missing. */
  groupOf: (value: number) => number
  titles: string[]
}

/**
 * Items in the order of their groups, each group in the order they had. Names and few numbers make a group each, many numbers
 * ranges, times days, months or years; what has no value comes last. O(items).
 */
export function groupItems(items: Items, column: FieldColumn, isTime: boolean): Items {
  const place = indexIds(column.ids)
  const { groupOf, titles } = partValues(column, isTime)
  const n = items.ids.length
  const missing = titles.length
  const groupOfItem = new Int16Array(n)
  const counts = new Int32Array(titles.length + 1)
  for (let i = 0; i < n; i++) {
    const at = place(items.ids[i]!)
    const group = at < 0 ? -1 : groupOf(column.values[at]!)
    groupOfItem[i] = group < 0 ? missing : group
    counts[groupOfItem[i]!]!++
  }
  const next = new Int32Array(counts.length)
  for (let g = 1; g < counts.length; g++) next[g] = next[g - 1]! + counts[g - 1]!
  const isCut = column.names !== null && column.names.length >= mostGroups
  const groups = [...titles, isCut ? 'Other values, or none' : 'No value'].flatMap((title, g): Group[] =>
    counts[g] === 0 ? [] : [{ key: g === missing ? '' : `=${title}`, title, start: next[g]!, count: counts[g]! }],
  )
  const ids = new Int32Array(n)
  const aspects = new Float32Array(n)
  const objects = items.objects === null ? null : [...items.objects]
  for (let i = 0; i < n; i++) {
    const to = next[groupOfItem[i]!]!++
    ids[to] = items.ids[i]!
    aspects[to] = items.aspects[i]!
    if (objects !== null) objects[to] = items.objects![i]!
  }
  return { ids, aspects, groups, objects }
}

function partValues({ values, names }: FieldColumn, isTime: boolean): Parting {
  if (names !== null)
    return { titles: names.slice(0, mostGroups), groupOf: (value) => (value < mostGroups ? value : -1) }
  if (isTime) return partTimes(values)
  const distinct = new Set<number>()
  for (let i = 0; i < values.length && distinct.size <= mostGroups; i++)
    if (!Number.isNaN(values[i]!)) distinct.add(values[i]!)
  if (distinct.size <= mostGroups) {
    const sorted = [...distinct].toSorted((a, b) => a - b)
    const group = new Map(sorted.map((value, i) => [value, i]))
    return { titles: sorted.map(formatNumber), groupOf: (value) => group.get(value) ?? -1 }
  }
  const [low, high] = rangeOf(values)
  const step = niceStep((high - low) / numberBins)
  const first = Math.floor(low / step)
  const bins = Math.floor(high / step) - first + 1
  return {
    titles: Array.from(
      { length: bins },
      (_, i) => `${formatNumber((first + i) * step)} – ${formatNumber((first + i + 1) * step)}`,
    ),
    groupOf: (value) =>
      Number.isFinite(value) ? Math.min(bins - 1, Math.max(0, Math.floor(value / step) - first)) : -1,
  }
}

/** Values are seconds since 1970, UTC. */
function partTimes(values: Float32Array): Parting {
  const [low, high] = rangeOf(values)
  const shown = high - low < mostGroups * dayS ? 10 : high - low < mostGroups * 28 * dayS ? 7 : 4
  const titleOf = (value: number): string => new Date(value * 1000).toISOString().slice(0, shown)
  const seen = new Set<string>()
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) seen.add(titleOf(values[i]!))
  const titles = [...seen].toSorted().slice(0, mostGroups)
  const group = new Map(titles.map((title, i) => [title, i]))
  return { titles, groupOf: (value) => (Number.isFinite(value) ? (group.get(titleOf(value)) ?? -1) : -1) }
}

function rangeOf(values: Float32Array): [low: number, high: number] {
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isFinite(value)) {
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return low > high ? [0, 0] : [low, high]
}

/** The next of 1, 2, 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10)
}

const formatNumber = (value: number): string => String(Number(value.toPrecision(6)))
