import { quoteName, quoteText } from '../shell/view.ts'

type Value = string | number | boolean | null

/** What is told of a field beside its value. */
export interface FieldFacts {
  name: string
  type: 'number' | 'integer' | 'string' | 'boolean' | 'datetime'
  unit: string | null
  builtIn: boolean
}

const sizes = ['bytes', 'kB', 'MB', 'GB', 'TB']

/** 1234567 → "1.23 MB", in powers of 1000 as the query language reads them. */
export function formatBytes(bytes: number): string {
  let size = 0
  let left = bytes
  while (left >= 999.5 && size + 1 < sizes.length) {
    left /= 1000
    size++
  }
  return `${size === 0 ? left : trimNumber(left, 3)} ${sizes[size]!}`
}

/** At most so many significant digits, without an exponent where people would not write one. */
export function trimNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e15 || size < 1e-6) return value.toExponential(digits - 1)
  const whole = Math.floor(Math.log10(size)) + 1
  return value.toLocaleString('en', { maximumFractionDigits: Math.max(0, digits - whole), useGrouping: size >= 1e4 })
}

/** 2024-05-01T18:30:00.000Z → "2024-05-01 18:30:00 UTC". */
export function formatMoment(text: string): string {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?Z$/.exec(text) ?? []
  return day === undefined ? text : `${day} ${time} UTC`
}

/** A value as people read it, with its unit. */
export function formatValue(value: Value, { name, type, unit }: FieldFacts): string {
  if (value === null) return 'missing'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return type === 'datetime' ? formatMoment(value) : value
  if (unit === 'bytes') return formatBytes(value)
  if (name === 'exif.shutter' && value > 0 && value < 0.5) return `1/${Math.round(1 / value)} s`
  if (name === 'exif.aperture') return `f/${trimNumber(value, 3)}`
  const text =
    type === 'integer' ? value.toLocaleString('en', { useGrouping: Math.abs(value) >= 1e4 }) : trimNumber(value)
  return unit === null || /\.\.|^ratio$|^f-number$/.test(unit)
    ? text
    : unit === 'degrees'
      ? `${text}°`
      : `${text} ${unit}`
}

/** The whole of a value, as it is copied. */
export const copyValue = (value: Value): string => (value === null ? '' : String(value))

/**
 * The condition that finds samples like this one in a field: the same text, whole number or truth; a number within 5 % of it; the same
 * day; missing alike.
 */
export function conditionOf(value: Value, { name, type }: FieldFacts): string {
  const field = quoteName(name)
  if (value === null) return `${field} is missing`
  if (typeof value === 'boolean') return `${field} = ${value}`
  if (typeof value === 'string') {
    const day = type === 'datetime' ? /^\d{4}-\d\d-\d\d/.exec(value)?.[0] : undefined
    if (day === undefined) return `${field} = ${quoteText(value)}`
    const after = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
    return `${field} >= ${day} and ${field} < ${after}`
  }
  if (type === 'integer' || value === 0) return `${field} = ${writeNumber(value)}`
  const [a, b] = [value * 0.95, value * 1.05]
  return `${field} between ${writeNumber(Math.min(a, b), 5)} and ${writeNumber(Math.max(a, b), 5)}`
}

/** A number as the query language reads it: without an exponent or grouping. */
function writeNumber(value: number, digits?: number): string {
  const rounded = digits === undefined ? value : Number(value.toPrecision(digits))
  const text = String(rounded)
  return /e/i.test(text) ? rounded.toFixed(Math.abs(rounded) < 1 ? 20 : 0).replace(/(\.\d*?)0+$/, '$1') : text
}

export interface FieldGroup {
  title: string
  fields: FieldFacts[]
}

const files = new Set(['path', 'source', 'format', 'bytes', 'md5', 'sha256', 'phash', 'frames'])
const record = new Set(['id', 'created_at', 'updated_at'])
/** What the panel shows elsewhere. */
const elsewhere = new Set(['split', 'note'])

/** Fields by what they are about, the dataset's own first, since nobody else has them; only those whose name holds `find`. */
export function groupFields(fields: readonly FieldFacts[], find = ''): FieldGroup[] {
  const titles = ["The dataset's own", 'Picture', 'Camera', 'File', 'Record'] as const
  const groups = new Map<string, FieldFacts[]>(titles.map((title) => [title, []]))
  const words = find.trim().toLowerCase()
  for (const field of fields) {
    if (elsewhere.has(field.name) || !field.name.toLowerCase().includes(words)) continue
    const title = !field.builtIn
      ? titles[0]
      : field.name === 'captured_at' || field.name.startsWith('exif.')
        ? titles[2]
        : files.has(field.name)
          ? titles[3]
          : record.has(field.name)
            ? titles[4]
            : titles[1]
    groups.get(title)!.push(field)
  }
  return [...groups].flatMap(([title, found]) => (found.length === 0 ? [] : [{ title, fields: found }]))
}
