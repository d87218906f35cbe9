import type { QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import type { GroupSummary } from '../types.ts'
import { categorySql, labelsFrom, measureSql, type ScopedSql } from './quality-scope.ts'
import { layerId } from './vector-rows.ts'

export async function countCategories(
  db: Reading,
  scoped: ScopedSql,
  field: string,
  limit: number,
): Promise<{ value: string; count: number }[]> {
  return db.rows(
    `SELECT v AS value, count(*) AS count FROM (SELECT ${categorySql(scoped.schema, field)} AS v FROM ${scoped.from})
     WHERE v IS NOT NULL GROUP BY v ORDER BY count(*) DESC, v LIMIT ${limit}`,
    scoped.values,
  )
}

export async function countClasses(
  db: Reading,
  scoped: ScopedSql,
  layer: string,
): Promise<{ class: string; labels: number; samples: number }[]> {
  const rows = await db.rows<{ id: number; labels: number; samples: number }>(
    `SELECT class_id AS id, sum(n)::BIGINT AS labels, count(*) AS samples FROM
       (SELECT l.class_id, l.sample_id, count(*) AS n FROM ${labelsFrom(scoped, layer)} GROUP BY 1, 2)
     GROUP BY 1 ORDER BY 2 DESC, 1`,
    scoped.values,
  )
  const nameOf = classNames(scoped.schema)
  return rows.map(({ id, ...counts }) => ({ class: nameOf(id), ...counts }))
}

export async function countAcross(
  db: Reading,
  scoped: ScopedSql,
  field: string,
  layer: string,
): Promise<{ value: string; class: string; labels: number }[]> {
  const rows = await db.rows<{ value: string; id: number; labels: number }>(
    `SELECT ${categorySql(scoped.schema, field)} AS value, l.class_id AS id, count(*) AS labels
     FROM ${labelsFrom(scoped, layer, true)} WHERE value IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
    scoped.values,
  )
  const nameOf = classNames(scoped.schema)
  return rows.map(({ value, id, labels }) => ({ value, class: nameOf(id), labels }))
}

export async function summariseGroups(
  db: Reading,
  scoped: ScopedSql,
  field: string,
  measures: readonly string[],
  limit: number,
): Promise<GroupSummary[]> {
  const columns = measures.map((name, i) => `${measureSql(scoped.schema, name)} AS m${i}`)
  const parts = measures.flatMap((_, i) => [`count(m${i}) AS n${i}`, `avg(m${i}) AS a${i}`, `var_pop(m${i}) AS v${i}`])
  const rows = await db.rows<Record<string, number | string | null>>(
    `SELECT g AS "group", count(*) AS n, ${parts.join(', ')} FROM
       (SELECT ${categorySql(scoped.schema, field)} AS g, ${columns.join(', ')} FROM ${scoped.from})
     WHERE g IS NOT NULL GROUP BY g ORDER BY n DESC, g LIMIT ${limit}`,
    scoped.values,
  )
  return rows.map((row) => ({
    group: String(row['group']),
    samples: Number(row['n']),
    measures: measures.map((_, i) => ({
      count: Number(row[`n${i}`]),
      mean: row[`a${i}`] as number | null,
      variance: row[`v${i}`] as number | null,
    })),
  }))
}

const tellingBins = 20

/** See `QualityPort.telling`. */
export async function measureTelling(
  db: Reading,
  scoped: ScopedSql,
  fields: readonly string[],
  layer: string,
  maxValues: number,
): Promise<{ samples: number; classes: number; baseline: number; fields: { field: string; accuracy: number }[] }> {
  const { schema, from, values } = scoped
  const one = `SELECT l.sample_id AS id, min(l.class_id) AS class_id FROM ${schema.tables.labels} l
    WHERE l.layer_id = ${layerId(schema, layer)} GROUP BY 1 HAVING min(l.class_id) = max(l.class_id)`
  const rowsOf = `FROM ${from} JOIN (${one}) c ON c.id = s.id`
  const counts = await db.rows<{ n: number }>(`SELECT count(*) AS n ${rowsOf} GROUP BY c.class_id`, values)
  const samples = counts.reduce((sum, { n }) => sum + n, 0)
  const baseline = samples === 0 ? 0 : Math.max(...counts.map(({ n }) => n)) / samples
  const found: { field: string; accuracy: number }[] = []
  if (counts.length > 1) {
    for (const field of fields) {
      const accuracy = await accuracyOf(db, scoped, field, rowsOf, maxValues)
      if (accuracy !== null) found.push({ field, accuracy })
    }
  }
  return { samples, classes: counts.length, baseline, fields: found }
}

/** Null for a field that says nothing: of one value, of too many texts, or missing everywhere. */
async function accuracyOf(
  db: Reading,
  { schema, values }: ScopedSql,
  field: string,
  rowsOf: string,
  maxValues: number,
): Promise<number | null> {
  const type = schema.fields.find((known) => known.name === field)?.type
  const isText = type === 'string' || type === 'boolean'
  const value = isText ? `coalesce(${categorySql(schema, field)}, '')` : measureSql(schema, field)
  const edges = isText
    ? ''
    : `, e AS (SELECT list_distinct(quantile_cont(v, ${JSON.stringify(Array.from({ length: tellingBins - 1 }, (_, i) => (i + 1) / tellingBins))})) AS q FROM r)`
  // A missing number is a bin of its own.
  const bin = isText ? 'v' : `CASE WHEN v IS NULL THEN -1 ELSE len(list_filter((SELECT q FROM e), lambda x: x < v)) END`
  const [row] = await db.rows<{ right: number; n: number; bins: number }>(
    `WITH r AS MATERIALIZED (SELECT ${value} AS v, c.class_id AS k, hash(s.id) % 2 AS half ${rowsOf})${edges},
       t AS MATERIALIZED (SELECT ${bin} AS bin, k, half, count(*) AS n FROM r GROUP BY ALL),
       best AS (SELECT bin, half, arg_max(k, n * 1000000000 - k) AS k FROM t GROUP BY ALL),
       common AS (SELECT half, arg_max(k, n * 1000000000 - k) AS k FROM (SELECT half, k, sum(n) AS n FROM t GROUP BY ALL) GROUP BY half)
     SELECT sum(t.n)::BIGINT AS n, count(DISTINCT t.bin) AS bins,
       sum(t.n) FILTER (t.k = coalesce(best.k, common.k))::BIGINT AS "right"
     FROM t LEFT JOIN best ON best.bin = t.bin AND best.half = 1 - t.half LEFT JOIN common ON common.half = 1 - t.half`,
    values,
  )
  if (row === undefined || row.n === null || row.bins < 2 || (isText && row.bins > maxValues)) return null
  return (row.right ?? 0) / row.n
}

function classNames(schema: QuerySchema): (id: number) => string {
  const names = new Map(schema.classes.map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? ''
}
