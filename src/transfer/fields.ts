import { builtInFields, fieldName, type FieldType, type Scalar } from '#contract'

const builtIn = new Map<string, { writable: boolean }>(
  builtInFields.map((field) => [field.name, { writable: 'writable' in field && field.writable }]),
)

/** The name a column of a manifest gets as a field: letters, digits, `_` and dots; `meta.` before one that fovea measures itself. */
export function fieldNameFor(column: string): string {
  const cleaned = column
    .trim()
    .replace(/[^\p{L}\p{N}_.]+/gu, '_')
    .replace(/\.{2,}/g, '.')
    .replace(/^[._]+|[._]+$/g, '')
  const parts = (cleaned === '' ? 'column' : cleaned)
    .split('.')
    .map((part) => (/^\p{N}/u.test(part) ? `_${part}` : part))
  const name = parts.join('.').slice(0, 95)
  const known = builtIn.get(name)
  if (known && !known.writable) return `meta.${name}`
  return fieldName.safeParse(name).success ? name : `meta.${name.replace(/[^\p{L}\p{N}_]/gu, '_')}`
}

export interface FieldCollector {
  /** Field values of one sample under their final names; a value of another type than the column's first is left out and named. */
  take(fields: Record<string, Scalar>): {
    values: Record<string, Scalar>
    mismatches: { field: string; value: Scalar; type: FieldType }[]
  }
  /** Types of the fields seen so far that did not exist before. */
  readonly added: Record<string, FieldType>
}

/** Gives each column one type over a whole import, the type of the first value that is not null. */
export function createFieldCollector(existing: Record<string, FieldType>): FieldCollector {
  const added: Record<string, FieldType> = {}
  const names = new Map<string, string>()
  return {
    added,
    take(fields) {
      const values: Record<string, Scalar> = {}
      const mismatches: { field: string; value: Scalar; type: FieldType }[] = []
      for (const [column, value] of Object.entries(fields)) {
        if (value === null) continue
        let field = names.get(column)
        if (field === undefined) names.set(column, (field = fieldNameFor(column)))
        const type = existing[field] ?? (added[field] ??= typeOf(value))
        if (fits(value, type)) values[field] = value
        else if (type === 'string') values[field] = String(value)
        else mismatches.push({ field, value, type })
      }
      return { values, mismatches }
    },
  }
}

function typeOf(value: string | number | boolean): FieldType {
  return typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'string'
}

function fits(value: string | number | boolean, type: FieldType): boolean {
  if (type === 'number') return typeof value === 'number'
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value)
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'datetime') return typeof value === 'string' && !Number.isNaN(Date.parse(value))
  return typeof value === 'string'
}
