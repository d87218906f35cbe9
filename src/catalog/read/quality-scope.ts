import { FoveaError } from '#base'
import { compileQuery, type QuerySchema, type SqlValue } from '#query'
import { quote } from '../tables.ts'
import type { QualityScope } from '../types.ts'
import { layerId } from './vector-rows.ts'

/** The samples a check looks at, ready to be read: rows of the samples table under alias `s`. */
export interface ScopedSql {
  schema: QuerySchema
  /** A table expression with the alias `s`. */
  from: string
  values: readonly SqlValue[]
  /** Whether these are all samples of the dataset. */
  isAll: boolean
}

/** Cannot be typed into a query by chance, so it hides no slice of the user's. */
const scopeSlice = '\u2063scope'

/**
 * The scope as a slice of its own, so that a limit in it keeps its meaning while conditions are added. Also for finding the
 * scores that the query asks for. The text is the query to compile.
 */
export function scopeQuery(
  schema: QuerySchema,
  { scope, where = '' }: QualityScope,
): { text: string; schema: QuerySchema } {
  const parts = [
    ...(scope.trim() === '' ? [] : [`slice:"${scopeSlice}"`]),
    ...(where.trim() === '' ? [] : [`(${where})`]),
  ]
  return {
    text: parts.join(' and '),
    schema: { ...schema, slices: [...schema.slices, { name: scopeSlice, query: scope }] },
  }
}

/** Throws QUERY_INVALID, QUERY_NEEDS_EMBEDDINGS. */
export function compileScope(given: QuerySchema, scope: QualityScope): ScopedSql {
  const { text, schema } = scopeQuery(given, scope)
  const { where } = compileQuery(text, schema)
  const isAll = where.text === 'TRUE'
  const { samples } = schema.tables
  return {
    // Measures are made of this one.
    schema: { ...given, defaultLayer: scope.layer ?? given.defaultLayer },
    from: isAll ? `${samples} s` : `(SELECT * FROM ${samples} s WHERE ${where.text}) s`,
    values: where.values,
    isAll,
  }
}

/** Labels of a layer on the samples of the scope under alias `l`; with `sized`, their samples under `s`. */
export function labelsFrom({ schema, from, isAll }: ScopedSql, layer: string, sized = false): string {
  const rows = `(SELECT * FROM ${schema.tables.labels} WHERE layer_id = ${layerId(schema, layer)}) l`
  return isAll && !sized ? rows : `${rows} JOIN ${from} ON s.id = l.sample_id`
}

/** Measures that are no field: the side of a square of the same surface, px, and the number of labels with a place. */
const derived: Readonly<Record<string, (schema: QuerySchema) => string>> = {
  size: () => 'sqrt(s.width * s.height)',
  objects: (schema) =>
    `(SELECT count(*) FROM ${schema.tables.labels} l
      WHERE l.sample_id = s.id AND l.kind <> 0 AND l.layer_id = ${layerId(schema, schema.defaultLayer)})`,
}

/**
 * A number a sample as SQL over alias `s`, null where it is missing or not finite: a number, an integer or a boolean field, seconds since
 * 1970 of a datetime, or one of the derived measures. Throws FIELD_NOT_FOUND, FIELD_TYPE.
 */
export function measureSql(schema: QuerySchema, name: string): string {
  const field = schema.fields.find((known) => known.name === name)
  if (field === undefined) {
    const made = derived[name]
    if (made !== undefined) return `CAST(${made(schema)} AS DOUBLE)`
    throw new FoveaError('FIELD_NOT_FOUND', `Expected a field of this dataset, got ${JSON.stringify(name)}.`, {
      hint: `Known: ${[...Object.keys(derived), ...schema.fields.map((known) => known.name)].join(', ')}.`,
    })
  }
  const column = `s.${quote(name)}`
  if (field.type === 'datetime') return `epoch(${column})`
  if (field.type === 'boolean') return `CAST(CAST(${column} AS INTEGER) AS DOUBLE)`
  if (field.type === 'string')
    throw new FoveaError('FIELD_TYPE', `Expected a field of numbers, got ${name}, which holds text.`, {
      hint: 'Name a field of numbers; see: fovea field list',
    })
  return `(CASE WHEN isfinite(CAST(${column} AS DOUBLE)) THEN CAST(${column} AS DOUBLE) END)`
}

/** A value a sample as text over alias `s`, null where it is missing. Throws FIELD_NOT_FOUND. */
export function categorySql(schema: QuerySchema, name: string): string {
  if (schema.fields.some((known) => known.name === name)) return `CAST(s.${quote(name)} AS VARCHAR)`
  throw new FoveaError('FIELD_NOT_FOUND', `Expected a field of this dataset, got ${JSON.stringify(name)}.`, {
    hint: `Known: ${schema.fields.map((known) => known.name).join(', ')}.`,
  })
}
