import { labelKinds, type LabelKind, type Scalar } from '#contract'
import { FoveaError } from '#base'
import type { QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import { compileSelection } from '../door/select.ts'
import { quote } from '../tables.ts'
import type { MediaKeys, MediaRow, RegionRow, SampleColumns, Selection } from '../types.ts'
import { fieldValue } from './samples.ts'

/** The first 52 bits of the MD5, which a double holds exactly: enough to see that a file changed. */
const mediaKey = `CAST(CAST('0x' || substr(md5, 1, 13) AS UBIGINT) AS DOUBLE)`

export async function readIds(db: Reading, schema: QuerySchema, selection: Selection): Promise<number[]> {
  const { where, tail } = compileSelection(selection, schema)
  const [ids] = await db.columns(
    `SELECT s.id FROM ${schema.tables.samples} s WHERE ${where.text} ${tail}`,
    where.values,
  )
  return ids as number[]
}

/** Of all samples, in id order. */
export async function readMediaKeys(db: Reading, schema: QuerySchema): Promise<MediaKeys> {
  const [ids, keys] = await db.columns(`SELECT id, ${mediaKey} FROM ${schema.tables.samples} ORDER BY id`)
  return { ids: Float64Array.from(ids as number[]), keys: Float64Array.from(keys as number[]) }
}

/** Of all labels of a layer that have a place, in id order; the key is that of their sample's picture. */
export async function readRegionKeys(db: Reading, schema: QuerySchema, layer: string): Promise<MediaKeys> {
  const [ids, keys] = await db.columns(
    `SELECT l.id, ${mediaKey} FROM ${schema.tables.labels} l JOIN ${schema.tables.samples} s ON s.id = l.sample_id
     WHERE l.layer_id = ${layerId(schema, layer)} AND l.x IS NOT NULL ORDER BY l.id`,
  )
  return { ids: Float64Array.from(ids as number[]), keys: Float64Array.from(keys as number[]) }
}

export function readMedia(db: Reading, schema: QuerySchema, ids: readonly number[]): Promise<MediaRow[]> {
  const { text, values } = idList(ids)
  return db.rows<MediaRow>(
    `SELECT id, source, path, md5, ${mediaKey} AS key FROM ${schema.tables.samples} WHERE id IN ${text} ORDER BY id`,
    values,
  )
}

/** The same of a version, with what tells whether a file is still the one it was. */
export async function readStoredMedia(db: Reading, schema: QuerySchema, ids: readonly number[]): Promise<MediaRow[]> {
  const { text, values } = idList(ids)
  const rows = await db.rows<MediaRow & { bytes: number; modifiedMs: number }>(
    `SELECT id, source, path, md5, ${mediaKey} AS key, bytes, modified_ms AS "modifiedMs"
     FROM ${schema.tables.samples} WHERE id IN ${text} ORDER BY id`,
    values,
  )
  return rows.map(({ bytes, modifiedMs, ...row }) => ({ ...row, recorded: { bytes, modifiedMs } }))
}

/** Few ids stand in the text as numbers, so that the database skips the blocks that hold none of them; many come as one value. */
function idList(ids: readonly number[]): { text: string; values: string[] } {
  const areFew = ids.length > 0 && ids.length <= 1_000 && ids.every((id) => Number.isSafeInteger(id))
  return areFew
    ? { text: `(${ids.join(', ')})`, values: [] }
    : { text: `(SELECT unnest(from_json($1, '["BIGINT"]')))`, values: [JSON.stringify(ids)] }
}

/** Labels by id, with the picture they lie on; without ids, those of a layer on the samples of a selection. */
export async function readRegions(
  db: Reading,
  schema: QuerySchema,
  wanted: { ids: readonly number[] } | { layer: string; selection: Selection },
): Promise<RegionRow[]> {
  const from = `SELECT l.id, l.sample_id AS sample, s.source, s.path, s.md5, ${mediaKey} AS key, l.x, l.y, l.w, l.h
     FROM ${schema.tables.labels} l JOIN ${schema.tables.samples} s ON s.id = l.sample_id`
  if ('ids' in wanted) {
    const { text, values } = idList(wanted.ids)
    return db.rows<RegionRow>(`${from} WHERE l.id IN ${text} ORDER BY l.id`, values)
  }
  const { where, tail, limit } = compileSelection(wanted.selection, schema)
  const chosen = `SELECT s.id FROM ${schema.tables.samples} s WHERE ${where.text} ${limit === null ? '' : tail}`
  return db.rows<RegionRow>(
    `${from} WHERE l.layer_id = ${layerId(schema, wanted.layer)} AND l.x IS NOT NULL AND l.sample_id IN (${chosen}) ORDER BY l.id`,
    where.values,
  )
}

/** Fields of all samples, column by column, in id order. */
export async function readColumns(db: Reading, schema: QuerySchema, fields: readonly string[]): Promise<SampleColumns> {
  const list = ['id', ...fields].map((field) => `s.${quote(field)}`).join(', ')
  const [ids, ...columns] = await db.columns(`SELECT ${list} FROM ${schema.tables.samples} s ORDER BY s.id`)
  return {
    ids: ids as number[],
    columns: columns.map((values, i) => {
      const field = fields[i]!
      return field === 'phash' || field === 'id'
        ? values.map((value) => fieldValue(field, { [field]: value }))
        : (values as Scalar[])
    }),
  }
}

/** Which sample has which class (of a layer's labels) or tag, each pair once. */
export async function readMembers(
  db: Reading,
  schema: QuerySchema,
  what: { classesOf: string; kind?: LabelKind } | 'tags',
): Promise<{ samples: number[]; names: string[]; scores: (number | null)[] }> {
  if (what === 'tags') {
    const [samples, ids] = await db.columns(`SELECT sample_id, tag_id FROM ${schema.tables.tags} ORDER BY 1, 2`)
    const names = new Map(schema.tags.map((tag) => [tag.id, tag.name]))
    return {
      samples: samples as number[],
      names: (ids as number[]).map((id) => names.get(id)!),
      scores: ids!.map(() => null),
    }
  }
  const ofKind = what.kind === undefined ? '' : `AND kind = ${labelKinds.indexOf(what.kind)}`
  const [samples, ids, scores] = await db.columns(
    `SELECT sample_id, class_id, max(score) FROM ${schema.tables.labels}
     WHERE layer_id = ${layerId(schema, what.classesOf)} AND class_id IS NOT NULL ${ofKind} GROUP BY 1, 2 ORDER BY 1, 2`,
  )
  const names = new Map(schema.classes.map((known) => [known.id, known.name]))
  return {
    samples: samples as number[],
    names: (ids as number[]).map((id) => names.get(id)!),
    scores: scores as (number | null)[],
  }
}

/** A dataset without labels has no layer yet; any other name must be known. Throws LAYER_NOT_FOUND. */
export function layerId(schema: QuerySchema, layer: string): number {
  const found = schema.layers.find((known) => known.name === layer)
  if (found !== undefined) return found.id
  if (layer === schema.defaultLayer) return -1
  const known = schema.layers.map(({ name }) => name).join(', ') || 'none'
  throw new FoveaError('LAYER_NOT_FOUND', `There is no layer ${layer}; there are ${known}.`)
}
