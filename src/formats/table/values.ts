import type { Scalar } from '#contract'

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const nothing = new Set(['', 'nan', 'null'])

/**
 * What text in a cell says: a number, a boolean, nothing, or itself. Text that would not come back the same stays text:
 * leading zeros (`007`) and whole numbers beyond 2^53.
 */
export function inferScalar(text: string): Scalar {
  const trimmed = text.trim()
  const lower = trimmed.toLowerCase()
  if (nothing.has(lower)) return null
  if (lower === 'true' || lower === 'false') return lower === 'true'
  if (!number.test(trimmed) || /^[+-]?0\d/.test(trimmed)) return text
  const value = Number(trimmed)
  const whole = /^[+-]?\d+$/.test(trimmed)
  return Number.isFinite(value) && (!whole || Number.isSafeInteger(value)) ? value : text
}

/** A finite number from a cell of any kind of table, else null. */
export function toNumber(value: unknown): number | null {
  const found = typeof value === 'string' ? inferScalar(value) : value
  return typeof found === 'number' && Number.isFinite(found) ? found : null
}

/** Text from a cell; null for an empty one. Numbers and booleans are written out. */
export function toText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return JSON.stringify(value) ?? null
}

/** A list or object, given as such or as JSON text; null for anything else. */
export function toStructure(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return value
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return null
  try {
    return JSON.parse(value)
  } catch {
    // Python's repr of lists and dictionaries differs from JSON in its quotes.
    try {
      return JSON.parse(value.replaceAll("'", '"'))
    } catch {
      return null
    }
  }
}

/** Texts of a cell that may hold a list, JSON text, or one text. */
export function toTexts(value: unknown): string[] {
  const structure = toStructure(value)
  if (Array.isArray(structure)) return structure.flatMap((one) => toText(one) ?? [])
  return [toText(value)].filter((text) => text !== null)
}

/** Tags of a cell: a list, or text parted by `;`, `|` or `,`. */
export function toTags(value: unknown): string[] {
  const structure = toStructure(value)
  const parts = Array.isArray(structure)
    ? structure.flatMap((one) => toText(one) ?? [])
    : (toText(value) ?? '').split(/[;|,]/)
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** Inverse of {@link toTags}: plain text where that is read back the same, else JSON. */
export function writeTags(tags: readonly string[]): string {
  const plain = tags.every((tag) => !/[;|,]/.test(tag) && !/^[[{]/.test(tag) && tag.trim() === tag && tag !== '')
  return plain ? tags.join(';') : JSON.stringify(tags)
}

export type ColumnType = 'number' | 'boolean' | 'string'

/** Gives a column the one type that holds all its values; a mixture is text. */
export function createTypeFinder(): { see(column: string, value: Scalar): void; typeOf(column: string): ColumnType } {
  const types = new Map<string, ColumnType>()
  return {
    see(column, value) {
      if (value === null) return
      const type = typeof value as ColumnType
      const known = types.get(column)
      types.set(column, known === undefined || known === type ? type : 'string')
    },
    typeOf: (column) => types.get(column) ?? 'string',
  }
}
