import { labelKinds } from '#contract'
import type { QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import { compileSelection } from '../door/select.ts'
import type { LabelColumns, Selection } from '../types.ts'
import { layerId } from './vector-rows.ts'

/** Labels of one layer on the samples of a selection, by sample, then id. Throws LAYER_NOT_FOUND. */
export async function readLabelColumns(
  db: Reading,
  schema: QuerySchema,
  layer: string,
  selection: Selection,
): Promise<LabelColumns> {
  const { where, tail } = compileSelection(selection, schema)
  const columns = await db.columns(
    `SELECT l.id, l.sample_id, coalesce(l.class_id, -1), l.kind, l.x, l.y, l.w, l.h, l.area, l.score,
            CAST(coalesce(json_extract_string(l.attributes, '$.crowd') = 'true', false) AS INTEGER)
     FROM ${schema.tables.labels} l
     WHERE l.layer_id = ${layerId(schema, layer)} AND l.sample_id IN (SELECT s.id FROM ${schema.tables.samples} s WHERE ${where.text} ${tail})
     ORDER BY l.sample_id, l.id`,
    where.values,
  )
  const numbers = (at: number): Float64Array =>
    Float64Array.from(columns[at]!, (value) => (value === null ? Number.NaN : Number(value)))
  return {
    ids: numbers(0),
    samples: numbers(1),
    classes: Int32Array.from(columns[2]!, Number),
    kinds: columns[3]!.map((kind) => labelKinds[Number(kind)]!),
    x: numbers(4),
    y: numbers(5),
    w: numbers(6),
    h: numbers(7),
    area: numbers(8),
    scores: numbers(9),
    crowd: Uint8Array.from(columns[10]!, Number),
  }
}
