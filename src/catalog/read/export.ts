import { labelKinds, verdictAttribute, type LabelKind } from '#contract'
import { FoveaError, formatSampleId } from '#base'
import type { QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import { compileSelection } from '../door/select.ts'
import { decodeGeometry } from '../geometry-codec.ts'
import { groupBy } from '../group.ts'
import type { CatalogExportSample, CatalogExportSummary, Selection } from '../types.ts'
import { builtInNames, fieldValue, labelColumns, readRows, toLabel, type LabelRow } from './samples.ts'

const batchSize = 500

/** Ids of a selection in the query's order, by id when it states none. */
async function selectIds(db: Reading, schema: QuerySchema, selection: Selection): Promise<number[]> {
  const { where, tail } = compileSelection(selection, schema)
  const rows = await db.rows<{ id: number }>(
    `SELECT s.id FROM ${schema.tables.samples} s WHERE ${where.text} ${tail}`,
    where.values,
  )
  return rows.map((row) => row.id)
}

function layerIdOf(schema: QuerySchema, layer: string): number | null {
  const found = schema.layers.find((candidate) => candidate.name === layer)
  if (found) return found.id
  // A dataset without any label has no layer yet.
  if (layer === schema.defaultLayer) return null
  throw new FoveaError(
    'LAYER_NOT_FOUND',
    `There is no layer ${layer}; there are ${schema.layers.map((known) => known.name).join(', ') || 'none'}.`,
    {
      hint: 'Name one of them with --layer.',
    },
  )
}

/** Samples with the labels of one layer, batch by batch; with `isStored`, those of a version. */
export async function* readExportSamples(
  db: Reading,
  schema: QuerySchema,
  selection: Selection,
  layer: string,
  isStored: boolean,
): AsyncGenerator<CatalogExportSample> {
  const layerId = layerIdOf(schema, layer)
  const ids = await selectIds(db, schema, selection)
  const fields = schema.fields.map((field) => field.name).filter((name) => !builtInNames.has(name) || name === 'note')
  const classNames = new Map(schema.classes.map((known) => [known.id, known.name]))
  for (let from = 0; from < ids.length; from += batchSize) {
    const batch = ids.slice(from, from + batchSize)
    const rows = await readRows(db, schema, batch, [
      ...fields,
      'source',
      'md5',
      ...(isStored ? ['bytes', 'modified_ms'] : []),
    ])
    const labels =
      layerId === null
        ? []
        : await db.rows<LabelRow>(
            `SELECT ${labelColumns} FROM ${schema.tables.labels}
             WHERE layer_id = ${layerId} AND sample_id IN (SELECT unnest(from_json($1, '["BIGINT"]'))) ORDER BY id`,
            [JSON.stringify(batch)],
          )
    const labelsOf = groupBy(labels, (label) => formatSampleId(label.sample_id) as string)
    for (const row of rows) {
      yield {
        id: row.id,
        path: row.path,
        file: String(row.fields['source']),
        md5: String(row.fields['md5']),
        ...(isStored
          ? { recorded: { bytes: Number(row.fields['bytes']), modifiedMs: Number(row.fields['modified_ms']) } }
          : {}),
        width: row.width,
        height: row.height,
        split: row.split,
        tags: row.tags,
        fields: Object.fromEntries(
          fields.filter((name) => row.fields[name] !== null).map((name) => [name, fieldValue(name, row.fields)]),
        ),
        labels: (labelsOf.get(row.id) ?? []).map((label) => toLabel(label, classNames)),
      }
    }
  }
}

/** Kinds that cover pixels, as numbers of the labels table. */
const areaKinds = [labelKinds.indexOf('polygon'), labelKinds.indexOf('mask')].join(', ')

/** Names of attributes that a format without attributes loses. */
const lostAttributes = `list_filter(json_keys(attributes), lambda name: NOT regexp_matches(name, '${verdictAttribute.source}'))`

/** Counts by which a writer says what it cannot hold. */
export async function readExportSummary(
  db: Reading,
  schema: QuerySchema,
  selection: Selection,
  layer: string,
): Promise<CatalogExportSummary> {
  const layerId = layerIdOf(schema, layer) ?? -1
  const { where, tail, limit } = compileSelection(selection, schema)
  const chosen = `(SELECT s.id FROM ${schema.tables.samples} s WHERE ${where.text} ${limit === null ? '' : tail})`
  const { labels, tags, samples } = schema.tables
  const kinds = await db.rows<{
    kind: number
    n: number
    attributes: number
    scores: number
    authors: number
    crowd: number
    rotated: number
  }>(
    `SELECT kind, count(*) AS n, count(*) FILTER (len(${lostAttributes}) > 0) AS attributes, count(score) AS scores, count(author) AS authors,
            count(*) FILTER (json_extract_string(attributes, '$.crowd') = 'true') AS crowd,
            count(*) FILTER (json_extract_string(attributes, '$.rotation') IS NOT NULL) AS rotated
     FROM ${labels} WHERE layer_id = ${layerId} AND sample_id IN ${chosen} GROUP BY kind ORDER BY kind`,
    where.values,
  )
  const others = await db.rows<{ layer_id: number; n: number }>(
    `SELECT layer_id, count(*) AS n FROM ${labels} WHERE layer_id <> ${layerId} AND sample_id IN ${chosen} GROUP BY layer_id ORDER BY layer_id`,
    where.values,
  )
  const fields = schema.fields.map((field) => field.name).filter((name) => !builtInNames.has(name) || name === 'note')
  const told = fields.map((name) => `s."${name.replaceAll('"', '""')}" IS NOT NULL`).join(' OR ')
  const counts = await db.row<{
    n: number
    split: number
    fields: number
    tagged: number
    several: number
    regions: number
    classless: number
  }>(
    `WITH c AS (SELECT sample_id, count(DISTINCT class_id) AS n FROM ${labels} WHERE layer_id = ${layerId} AND kind = 0 GROUP BY sample_id),
          r AS (SELECT sample_id FROM ${labels} WHERE layer_id = ${layerId} AND kind IN (${areaKinds}) GROUP BY sample_id HAVING count(*) > 1)
     SELECT count(*) AS n, count(s.split) AS split, count(*) FILTER (${told}) AS fields,
            count(*) FILTER (s.id IN (SELECT sample_id FROM ${tags})) AS tagged,
            count(*) FILTER (c.n > 1) AS several, count(*) FILTER (s.id IN (SELECT sample_id FROM r)) AS regions, count(*) FILTER (c.n IS NULL) AS classless
     FROM ${samples} s LEFT JOIN c ON c.sample_id = s.id WHERE s.id IN ${chosen}`,
    where.values,
  )
  const sum = (key: 'attributes' | 'scores' | 'authors' | 'crowd' | 'rotated'): number =>
    kinds.reduce((total, row) => total + row[key], 0)
  return {
    samples: counts.n,
    kinds: Object.fromEntries(kinds.map((row) => [labelKinds[row.kind]!, row.n])) as Partial<Record<LabelKind, number>>,
    ...(await countPolygons(db, schema, layerId, chosen, where.values)),
    labelsWithAttributes: sum('attributes'),
    labelsWithScores: sum('scores'),
    labelsWithAuthors: sum('authors'),
    crowdLabels: sum('crowd'),
    rotatedLabels: sum('rotated'),
    samplesWithSeveralClasses: counts.several,
    samplesWithSeveralRegions: counts.regions,
    samplesWithoutClass: counts.classless,
    samplesWithTags: counts.tagged,
    samplesWithSplit: counts.split,
    samplesWithFields: counts.fields,
    otherLayers: others.map((row) => ({
      name: schema.layers.find((known) => known.id === row.layer_id)?.name ?? '',
      labels: row.n,
    })),
  }
}

async function countPolygons(
  db: Reading,
  schema: QuerySchema,
  layerId: number,
  chosen: string,
  values: Parameters<Reading['rows']>[1],
): Promise<{ polygonsWithHoles: number; polygonsWithParts: number }> {
  const counts = { polygonsWithHoles: 0, polygonsWithParts: 0 }
  const kind = labelKinds.indexOf('polygon')
  for (let after = 0; ;) {
    const rows = await db.rows<{ id: number; geometry: Uint8Array }>(
      `SELECT id, geometry FROM ${schema.tables.labels}
       WHERE layer_id = ${layerId} AND kind = ${kind} AND id > ${after} AND sample_id IN ${chosen} ORDER BY id LIMIT 20000`,
      values,
    )
    for (const { geometry } of rows) {
      const polygon = decodeGeometry(geometry)
      if (polygon.type !== 'polygon') continue
      if (polygon.parts.some((part) => part.length > 1)) counts.polygonsWithHoles++
      if (polygon.parts.length > 1) counts.polygonsWithParts++
    }
    if (rows.length < 20_000) return counts
    after = rows.at(-1)!.id
  }
}
