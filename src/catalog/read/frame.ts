import { FoveaError } from '#base'
import type { QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import { compileSelection } from '../door/select.ts'
import { quote } from '../tables.ts'
import { readAspects, readSelected, type Source } from './columns.ts'

/** One field of all samples, in id order. */
export interface FieldValues {
  ids: Int32Array
  /** Numbers as they are, NaN where missing; else the index into `names`, −1 where missing. */
  values: Float32Array
  /** Values by falling count; null for numbers. */
  names: string[] | null
}

/** Distinct texts that are told apart by colour; what is rarer shares the last number. */
const mostNames = 200

/**
 * Every sample of a query in its order, as arrays that travel as they are: a million rows take 8 MB. The ids may be kept for
 * other questions: they must not be written to.
 */
export async function readFrame(source: Source, query: string): Promise<{ ids: Int32Array; aspects: Float32Array }> {
  const { db, schema } = source
  const { where, tail, limit } = compileSelection({ query }, schema)
  if (limit === null && tail === 'ORDER BY s.id') {
    const [{ ids, places }, all] = await Promise.all([readSelected(source, { query }), readAspects(source)])
    if (places === null) return { ids, aspects: Float32Array.from(all) }
    const aspects = new Float32Array(ids.length)
    for (let i = 0; i < places.length; i++) aspects[i] = all[places[i]!]!
    return { ids, aspects }
  }
  const [ids, aspects] = await db.numbers(
    `SELECT CAST(s.id AS INTEGER), CAST(s.width / s.height AS FLOAT) FROM ${schema.tables.samples} s WHERE ${where.text} ${tail}`,
    where.values,
  )
  return { ids: ids as Int32Array, aspects: aspects as Float32Array }
}

/** A field, or `class` (the first class of the default layer). Throws FIELD_NOT_FOUND. */
export async function readFieldValues(db: Reading, schema: QuerySchema, field: string): Promise<FieldValues> {
  const known = schema.fields.find(({ name }) => name === field)
  if (known === undefined && field !== 'class')
    throw new FoveaError('FIELD_NOT_FOUND', `There is no field ${JSON.stringify(field)} to colour by.`, {
      hint: `Known: class, ${schema.fields.map(({ name }) => name).join(', ')}.`,
    })
  if (known?.type === 'number' || known?.type === 'integer' || known?.type === 'datetime') {
    const value = known.type === 'datetime' ? `epoch(s.${quote(field)})` : `s.${quote(field)}`
    const [ids, values] = await db.numbers(
      `SELECT CAST(s.id AS INTEGER), CAST(coalesce(${value}, 'NaN'::DOUBLE) AS FLOAT) FROM ${schema.tables.samples} s ORDER BY s.id`,
    )
    return { ids: ids as Int32Array, values: values as Float32Array, names: null }
  }
  const layer = schema.layers.find(({ name }) => name === schema.defaultLayer)?.id ?? -1
  const source =
    field === 'class'
      ? `(SELECT s.id, c.class_id AS v FROM ${schema.tables.samples} s LEFT JOIN
           (SELECT sample_id, min(class_id) AS class_id FROM ${schema.tables.labels} WHERE layer_id = ${layer} GROUP BY 1) c
           ON c.sample_id = s.id)`
      : `(SELECT s.id, CAST(s.${quote(field)} AS VARCHAR) AS v FROM ${schema.tables.samples} s)`
  const counted = await db.rows<{ v: string | number }>(
    `SELECT v FROM ${source} WHERE v IS NOT NULL GROUP BY v ORDER BY count(*) DESC, v LIMIT ${mostNames}`,
  )
  const classNames = new Map(schema.classes.map(({ id, name }) => [id, name]))
  const names = counted.map(({ v }) => (field === 'class' ? (classNames.get(Number(v)) ?? '') : String(v)))
  const [ids, values] = await db.numbers(
    `SELECT CAST(t.id AS INTEGER), CAST(coalesce(list_position(from_json($1, '["VARCHAR"]'), CAST(t.v AS VARCHAR)) - 1, -1) AS FLOAT)
     FROM ${source} t ORDER BY t.id`,
    [JSON.stringify(counted.map(({ v }) => String(v)))],
  )
  return { ids: ids as Int32Array, values: values as Float32Array, names }
}
