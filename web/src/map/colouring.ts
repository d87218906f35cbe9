import type { FieldColumn } from '../api/client.ts'
import { makeRamp } from './ramp.ts'

/** Code of a point that has no value. */
export const noCode = 255
/** Codes of numbers, from low to high. */
export const rampCodes = 255

/** What colours the points: one byte each. */
export interface Colouring {
  /** Number of the name, or the place of the number on the ramp; `noCode` where there is none. */
  codes: Uint8Array
  /** Names of the codes; null for numbers. */
  names: string[] | null
  /** Numbers: what the ends of the ramp stand for, and whether numbers beyond them share the colour of the end. */
  range: { low: number; high: number; isCut: boolean } | null
}

/** Gives each point the code of its sample's value. Points and column may be in any order. */
export function codePoints(ids: Int32Array, column: FieldColumn, largestId: number): Colouring {
  const valueOf = new Float32Array(largestId + 1).fill(column.names === null ? Number.NaN : -1)
  for (let i = 0; i < column.ids.length; i++) {
    const id = column.ids[i]!
    if (id <= largestId) valueOf[id] = column.values[i]!
  }
  const codes = new Uint8Array(ids.length)
  if (column.names !== null) {
    for (let i = 0; i < ids.length; i++) {
      const value = valueOf[ids[i]!]!
      codes[i] = value >= 0 && value < noCode ? value : noCode
    }
    return { codes, names: column.names, range: null }
  }
  const range = rangeOf(column.values)
  const width = range.high - range.low
  for (let i = 0; i < ids.length; i++) {
    const value = valueOf[ids[i]!]!
    const share = width > 0 ? (value - range.low) / width : 0.5
    codes[i] = Number.isFinite(value) ? Math.round(Math.min(1, Math.max(0, share)) * (rampCodes - 1)) : noCode
  }
  return { codes, names: null, range }
}

/** The value of one sample: a number, a name, or null where it has none. The column is in id order. */
export function valueAt({ ids, values, names }: FieldColumn, id: number): number | string | null {
  let [from, to] = [0, ids.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (ids[middle]! < id) from = middle + 1
    else to = middle
  }
  const value = ids[from] === id ? values[from]! : Number.NaN
  if (names !== null) return names[value] ?? null
  return Number.isFinite(value) ? value : null
}

const mostRanked = 20_000

/**
 * The ends of the ramp: least and greatest number, unless a few far ones would leave most of the ramp unused (the middle 98 of 100
 * take less than a quarter); then the ends of those 98. Large columns are judged by every n-th number.
 */
export function rangeOf(values: Float32Array): { low: number; high: number; isCut: boolean } {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return { low: 0, high: 0, isCut: false }
  const step = Math.max(1, Math.floor(values.length / mostRanked))
  const ranked = values.filter((value, i) => i % step === 0 && Number.isFinite(value)).sort()
  const first = ranked[Math.floor(ranked.length * 0.01)] ?? low
  const last = ranked[Math.ceil(ranked.length * 0.99) - 1] ?? high
  return last > first && last - first < (high - low) / 4
    ? { low: first, high: last, isCut: true }
    : { low, high, isCut: false }
}

/** How many points have each code; `accept` says which count. */
export function countCodes(codes: Uint8Array, accept: (point: number) => boolean): Uint32Array {
  const counts = new Uint32Array(256)
  for (let i = 0; i < codes.length; i++) if (accept(i)) counts[codes[i]!]!++
  return counts
}

export const missingColour = '#8a8f99'

/** Red, green, blue, 255 of each code. `colourOf` gives names their colour (#rrggbb). */
export function tableOf(
  names: readonly string[] | null,
  colourOf: (name: string, index: number) => string,
): Uint8Array {
  const table = new Uint8Array(256 * 4)
  const put = (code: number, colour: string): void => {
    const number = Number.parseInt(colour.slice(1, 7), 16)
    table.set([number >> 16, (number >> 8) & 255, number & 255, 255], code * 4)
  }
  if (names === null) makeRamp(rampCodes).forEach((colour, code) => put(code, colour))
  else names.slice(0, noCode).forEach((name, code) => put(code, colourOf(name, code)))
  put(noCode, missingColour)
  return table
}
