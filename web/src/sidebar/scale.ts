import type { Histogram } from './stats-batch.ts'

/** What a histogram is drawn along: numbers, or milliseconds for dates. */
export interface Axis {
  low: number
  high: number
  type: Histogram['type']
}

/** Bounds of a brush on an axis. */
export interface Brush {
  low: number
  high: number
}

const toNumber = (value: unknown): number => (typeof value === 'number' ? value : Date.parse(String(value)))

/** The axis of a field over the whole dataset; undefined without any value. */
export function axisOf({ min, max, type }: Histogram): Axis | undefined {
  return min === null || max === null ? undefined : { low: toNumber(min), high: toNumber(max), type }
}

/**
 * Counts of a histogram along `bars` equal parts of an axis. A bin that lies in several parts gives each its share, as if its
 * samples stood evenly in it.
 */
export function spreadBins({ bins }: Pick<Histogram, 'bins'>, { low, high }: Axis, bars: number): Float64Array {
  const out = new Float64Array(bars)
  const step = (high - low) / bars
  for (const { from, to, count } of bins) {
    if (count === 0) continue
    const start = step === 0 ? 0 : (toNumber(from) - low) / step
    const end = step === 0 ? 0 : (toNumber(to) - low) / step
    // A bin of one value, or narrower than rounding, stands in one part.
    if (end - start < 1e-9) {
      const at = Math.min(bars - 1, Math.max(0, Math.floor(start)))
      out[at] = out[at]! + count
      continue
    }
    const first = Math.max(0, Math.floor(start))
    for (let at = first; at < Math.min(bars, Math.ceil(end)); at++) {
      const share = (Math.min(at + 1, end) - Math.max(at, start)) / (end - start)
      out[at] = out[at]! + count * Math.max(0, share)
    }
  }
  return out
}

/** The step that bounds are rounded to: a power of ten times 1, 2 or 5, at least 200 of them along the axis; 1 for integers. */
function stepOf({ low, high, type }: Axis): number {
  const wanted = (high - low) / 200
  if (!(wanted > 0)) return 1
  if (type === 'datetime') return dateSteps.findLast((step) => step <= wanted) ?? 1_000
  const ten = 10 ** Math.floor(Math.log10(wanted))
  const step = ten * (wanted >= 5 * ten ? 5 : wanted >= 2 * ten ? 2 : 1)
  return type === 'integer' ? Math.max(1, Math.round(step)) : step
}

/** How many steps of a slider an axis has, so that each moves a bound. */
export const countSteps = (axis: Axis): number => Math.max(1, Math.round((axis.high - axis.low) / stepOf(axis)))

const dateSteps = [1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000]

/** A bound as the query language writes it, rounded so that it reads well. */
export function writeBound(value: number, axis: Axis): string {
  const step = stepOf(axis)
  const rounded = Math.round(value / step) * step
  if (axis.type === 'datetime') return writeDate(rounded)
  const digits = Math.max(0, -Math.floor(Math.log10(step)))
  return digits > 15 ? String(rounded) : String(Number(rounded.toFixed(digits)))
}

const writeDate = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z').replace('T00:00:00Z', '')

/** A bound that stands in a query, as a place on an axis; undefined for what is no number or date. */
export function readBound(text: string | undefined, { type }: Axis): number | undefined {
  if (text === undefined) return undefined
  const value = type === 'datetime' ? Date.parse(text.replaceAll(/["']/g, '')) : Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** What a brush asks for; an end at or behind the end of the axis is left open. */
export function boundsOf(brush: Brush, axis: Axis): { low?: string; high?: string } {
  const low = writeBound(brush.low, axis)
  const high = writeBound(brush.high, axis)
  const isLow = brush.low > axis.low && (readBound(low, axis) ?? -Infinity) > axis.low
  const isHigh = brush.high < axis.high && (readBound(high, axis) ?? Infinity) < axis.high
  return { ...(isLow ? { low } : {}), ...(isHigh ? { high } : {}) }
}

/** A value of an axis for people. */
export function showValue(value: number, { low, high, type }: Axis): string {
  if (type === 'datetime') {
    const text = new Date(value).toISOString()
    return high - low < 2 * 86_400_000 ? text.slice(0, 16).replace('T', ' ') : text.slice(0, 10)
  }
  if (type === 'integer') return Math.round(value).toLocaleString('en')
  const digits = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.max(high - low, 1e-9)))))
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
