import type { Value } from './selection-changes.ts'

type FieldType = 'number' | 'integer' | 'string' | 'boolean' | 'datetime'

/**
 * The value that a text means for a field: nothing for missing, text as it stands for fields of text and dates. Of a field that is made by this,
 * a number or true and false are taken for what they look like. Throws a RangeError for what does not fit.
 */
export function readValue(text: string, type: FieldType | null): Value {
  const trimmed = text.trim()
  if (trimmed === '') return null
  if (type === 'string' || type === 'datetime') return text
  const isBoolean = trimmed === 'true' || trimmed === 'false'
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)
  if (type === 'boolean' && !isBoolean) throw new RangeError(`Expected true or false, got ${text}.`)
  if ((type === 'number' || type === 'integer') && !isNumber) throw new RangeError(`Expected a number, got ${text}.`)
  if (isBoolean) return trimmed === 'true'
  return isNumber ? Number(trimmed) : text
}
