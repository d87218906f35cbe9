import { builtInFields, labelKinds, type Attributes, type Label, type SampleRow, type Scalar } from '#contract'
import { FoveaError, formatSampleId } from '#base'
import type { QuerySchema } from '#query'
import type { Reading, Row } from '../database.ts'
import { compileSelection } from '../door/select.ts'
import { decodeGeometry } from '../geometry-codec.ts'
import { groupBy } from '../group.ts'
import { quote } from '../tables.ts'
import type { Selection } from '../types.ts'

export interface PageRequest {
  selection: Selection
  /** Fields to answer; all when undefined. */
  fields?: readonly string[] | undefined
  limit: number
  offset: number
}

/** How many samples a selection holds, its own limit applied. */
export async function countSelection(db: Reading, schema: QuerySchema, selection: Selection): Promise<number> {
  const { where, limit } = compileSelection(selection, schema)
  const { n } = await db.row<{ n: number }>(
    `SELECT count(*) AS n FROM ${schema.tables.samples} s WHERE ${where.text}`,
    where.values,
  )
  return limit === null ? n : Math.min(n, limit)
}

/** A page of rows in the order of the query. Throws FIELD_NOT_FOUND. */
export async function readPage(db: Reading, schema: QuerySchema, request: PageRequest): Promise<SampleRow[]> {
  const unknown = request.fields?.find((name) => !schema.fields.some((field) => field.name === name))
  if (unknown !== undefined)
    throw new FoveaError('FIELD_NOT_FOUND', `There is no field ${unknown}.`, { hint: 'See: fovea field list' })
  const { where, tail, limit } = compileSelection(request.selection, schema)
  const order = tail.replace(/ LIMIT \d+$/, '')
  const rowsLeft = limit === null ? request.limit : Math.max(0, Math.min(request.limit, limit - request.offset))
  // Ids first: sorting carries only the keys; the page's columns are fetched for its few rows.
  const ids = await db.rows<{ id: number }>(
    `SELECT s.id FROM ${schema.tables.samples} s WHERE ${where.text} ${order} LIMIT ${rowsLeft} OFFSET ${request.offset}`,
    where.values,
  )
  return readRows(
    db,
    schema,
    ids.map((row) => row.id),
    request.fields,
  )
}

export async function readRows(
  db: Reading,
  schema: QuerySchema,
  ids: readonly number[],
  fields?: readonly string[],
): Promise<SampleRow[]> {
  if (ids.length === 0) return []
  const among = `IN (SELECT unnest(from_json($1, '["BIGINT"]')))`
  const list = [JSON.stringify(ids)]
  const wanted = fields ?? schema.fields.map((field) => field.name)
  const columns = [...new Set(['id', 'path', 'width', 'height', 'split', ...wanted])].map((name) => `s.${quote(name)}`)
  const [rows, tags, labels] = await Promise.all([
    db.rows(`SELECT ${columns.join(', ')} FROM ${schema.tables.samples} s WHERE s.id ${among}`, list),
    db.rows<{ sample_id: number; tag_id: number }>(
      `SELECT sample_id, tag_id FROM ${schema.tables.tags} WHERE sample_id ${among}`,
      list,
    ),
    readLabelCounts(db, schema, among, list),
  ])
  const tagNames = new Map(schema.tags.map((tag) => [tag.id, tag.name]))
  const classNames = new Map(schema.classes.map((known) => [known.id, known.name]))
  const byId = new Map(rows.map((row) => [row['id'] as number, row]))
  const tagsOf = groupBy(tags, (tag) => tag.sample_id)
  const labelsOf = groupBy(labels, (label) => label.sample_id)
  return ids.map((id) => {
    const row = byId.get(id)!
    const counts = labelsOf.get(id) ?? []
    return {
      id: formatSampleId(id),
      path: row['path'] as string,
      width: row['width'] as number,
      height: row['height'] as number,
      split: row['split'] as string | null,
      tags: (tagsOf.get(id) ?? []).map((tag) => tagNames.get(tag.tag_id) ?? '').sort(),
      classes: [...new Set(counts.map((count) => classNames.get(count.class_id) ?? ''))].sort(),
      objects: counts.reduce((sum, count) => sum + count.objects, 0),
      fields: Object.fromEntries(wanted.map((name) => [name, fieldValue(name, row)])),
    }
  })
}

function readLabelCounts(
  db: Reading,
  schema: QuerySchema,
  among: string,
  list: string[],
): Promise<{ sample_id: number; class_id: number; objects: number }[]> {
  const layer = schema.layers.find((candidate) => candidate.name === schema.defaultLayer)
  if (!layer) return Promise.resolve([])
  return db.rows(
    `SELECT sample_id, class_id, count(*) FILTER (kind <> 0) AS objects FROM ${schema.tables.labels}
     WHERE layer_id = ${layer.id} AND sample_id ${among} GROUP BY sample_id, class_id`,
    list,
  )
}

/** A stored value as the edge shows it. */
export function fieldValue(name: string, row: Row): Scalar {
  const value = row[name]
  if (value === null || value === undefined) return null
  if (name === 'id') return formatSampleId(value as number)
  if (name === 'phash')
    return BigInt(value as number | bigint)
      .toString(16)
      .padStart(16, '0')
  if (typeof value === 'number' && !Number.isFinite(value)) return null
  return value as Scalar
}

export interface LabelRow {
  id: number
  sample_id: number
  layer_id: number
  class_id: number
  kind: number
  x: number | null
  y: number | null
  w: number | null
  h: number | null
  area: number | null
  score: number | null
  author: string | null
  attributes: string | null
  geometry: Uint8Array | null
}

export const labelColumns =
  'id, sample_id, layer_id, class_id, kind, x, y, w, h, area, score, author, attributes, geometry'

export function toLabel(row: LabelRow, classNames: ReadonlyMap<number, string>): Label {
  return {
    kind: labelKinds[row.kind]!,
    class: classNames.get(row.class_id) ?? '',
    box: row.x === null ? null : { x: row.x, y: row.y!, w: row.w!, h: row.h! },
    geometry: row.geometry === null ? null : decodeGeometry(row.geometry),
    area: row.area,
    score: row.score,
    attributes: row.attributes === null ? {} : (JSON.parse(row.attributes) as Attributes),
    author: row.author,
  }
}

/** Names of the built-in fields, which exports leave to the format. */
export const builtInNames: ReadonlySet<string> = new Set(builtInFields.map((field) => field.name))
