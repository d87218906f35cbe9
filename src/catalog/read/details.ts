import type { z } from 'zod'
import { labelKinds, type cardSchema, type readLabels, type showDataset, type showSample } from '#contract'
import { formatSampleId } from '#base'
import type { QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import { groupBy } from '../group.ts'
import type { DatasetState } from '../state.ts'
import { live } from '../tables.ts'
import type { DatasetRef } from '../types.ts'
import { labelColumns, readRows, toLabel, type LabelRow } from './samples.ts'

export interface DatasetSummary {
  name: string
  samples: number
  labels: number
  createdAt: string
  updatedAt: string
}

export async function readDatasetSummary(db: Reading, dataset: DatasetRef): Promise<DatasetSummary> {
  return db.row<DatasetSummary>(
    `SELECT name, created_at AS "createdAt", updated_at AS "updatedAt",
       (SELECT count(*) FROM ${live(dataset.id, 'samples')}) AS samples, (SELECT count(*) FROM ${live(dataset.id, 'labels')}) AS labels
     FROM datasets WHERE id = $1`,
    [dataset.id],
  )
}

export async function readCard(db: Reading, dataset: DatasetRef): Promise<z.output<typeof cardSchema>> {
  const [row] = await db.rows<{ value: string }>(`SELECT value FROM things WHERE dataset_id = $1 AND kind = 'card'`, [
    dataset.id,
  ])
  return row ? (JSON.parse(row.value) as z.output<typeof cardSchema>) : { description: '', licence: '', owner: '' }
}

/** Everything a dataset's page shows but its card. */
export async function readDatasetDetails(
  db: Reading,
  dataset: DatasetRef,
  summary: DatasetSummary,
  schema: QuerySchema,
  state: DatasetState,
): Promise<Omit<z.input<typeof showDataset.output>, 'card'>> {
  const { samples, labels, tags } = schema.tables
  const [classes, layers, kinds, splits, tagCounts, problems] = await Promise.all([
    db.rows<{ id: number; labels: number; samples: number }>(
      `SELECT class_id AS id, count(*) AS labels, count(DISTINCT sample_id) AS samples FROM ${labels} GROUP BY 1`,
    ),
    db.rows<{ id: number; labels: number; samples: number }>(
      `SELECT layer_id AS id, count(*) AS labels, count(DISTINCT sample_id) AS samples FROM ${labels} GROUP BY 1 ORDER BY 1`,
    ),
    db.rows<{ kind: number; n: number }>(`SELECT kind, count(*) AS n FROM ${labels} GROUP BY 1 ORDER BY 1`),
    db.rows<{ name: string | null; samples: number }>(
      `SELECT split AS name, count(*) AS samples FROM ${samples} GROUP BY 1 ORDER BY 2 DESC, 1`,
    ),
    db.rows<{ id: number; n: number }>(`SELECT tag_id AS id, count(*) AS n FROM ${tags} GROUP BY 1 ORDER BY 2 DESC, 1`),
    db.row<{ n: number }>('SELECT count(*) AS n FROM problems WHERE dataset_id = $1', [dataset.id]),
  ])
  const classCounts = new Map(classes.map((row) => [row.id, row]))
  const nameOf = (list: readonly { id: number; name: string }[], id: number): string =>
    list.find((item) => item.id === id)?.name ?? ''
  return {
    ...summary,
    classes: state.classes.map(({ id, ...known }) => ({
      ...known,
      samples: classCounts.get(id)?.samples ?? 0,
      labels: classCounts.get(id)?.labels ?? 0,
    })),
    layers: layers.map((row) => ({ name: nameOf(state.layers, row.id), labels: row.labels, samples: row.samples })),
    kinds: Object.fromEntries(kinds.map((row) => [labelKinds[row.kind]!, row.n])),
    splits,
    tags: tagCounts.map((row) => ({ name: nameOf(state.tags, row.id), samples: row.n })),
    problems: problems.n,
  }
}

/** One sample, known to be there, with the labels of every layer. */
export async function readSample(
  db: Reading,
  schema: QuerySchema,
  id: number,
): Promise<Omit<z.input<typeof showSample.output>, 'dataset'>> {
  const [[sample], rows] = await Promise.all([
    readRows(db, schema, [id]),
    db.rows<LabelRow>(`SELECT ${labelColumns} FROM ${schema.tables.labels} WHERE sample_id = $1 ORDER BY id`, [id]),
  ])
  const classNames = new Map(schema.classes.map((known) => [known.id, known.name]))
  const layers = groupBy(rows, (row) => row.layer_id)
  return {
    sample: sample!,
    layers: [...layers].map(([layer, labels]) => ({
      layer: schema.layers.find((known) => known.id === layer)?.name ?? '',
      labels: labels.map((row) => ({ id: `l_${row.id}`, ...toLabel(row, classNames) })),
    })),
  }
}

/** Labels of some samples, of every layer or of one, in the order asked for. */
export async function readLabelsOf(
  db: Reading,
  schema: QuerySchema,
  ids: readonly number[],
  layer: string | undefined,
): Promise<z.input<typeof readLabels.output>['samples']> {
  const wanted = `(SELECT unnest(from_json($1, '["BIGINT"]')))`
  const asked = layer === undefined ? undefined : (schema.layers.find((known) => known.name === layer)?.id ?? -1)
  const only = asked === undefined ? '' : `AND layer_id = ${asked}`
  const [sizes, rows] = await Promise.all([
    db.rows<{ id: number; width: number; height: number }>(
      `SELECT id, width, height FROM ${schema.tables.samples} WHERE id IN ${wanted}`,
      [JSON.stringify(ids)],
    ),
    db.rows<LabelRow>(
      `SELECT ${labelColumns} FROM ${schema.tables.labels} WHERE sample_id IN ${wanted} ${only} ORDER BY id`,
      [JSON.stringify(ids)],
    ),
  ])
  const classNames = new Map(schema.classes.map((known) => [known.id, known.name]))
  const bySample = groupBy(rows, (row) => row.sample_id)
  const sizeOf = new Map(sizes.map((row) => [row.id, row]))
  return ids.flatMap((id) => {
    const size = sizeOf.get(id)
    if (size === undefined) return []
    const layers = groupBy(bySample.get(id) ?? [], (row) => row.layer_id)
    return [
      {
        sample: formatSampleId(id),
        width: size.width,
        height: size.height,
        layers: [...layers].map(([number, labels]) => ({
          layer: schema.layers.find((known) => known.id === number)?.name ?? '',
          labels: labels.map((row) => ({ id: `l_${row.id}`, ...toLabel(row, classNames) })),
        })),
      },
    ]
  })
}
