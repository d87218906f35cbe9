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
): Promise<{ class: string; labels: number }[]> {
  const rows = await db.rows<{ id: number; labels: number }>(
    `SELECT l.class_id AS id, count(*) AS labels FROM ${labelsFrom(scoped, layer)} GROUP BY 1 ORDER BY 2 DESC, 1`,
    scoped.values,
  )
  const nameOf = classNames(scoped.schema)
  return rows.map(({ id, labels }) => ({ class: nameOf(id), labels }))
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
  const columns = await describeTelling(db, scoped, fields, rowsOf, maxValues)
  const binned = columns.map(({ bin }, i) => `${bin} AS b${i}`)
  // All bins of all fields in one pass over samples and labels; a sample's half hangs on its id alone.
  const rows = await db.rows<{ field: number; right: number | null; n: number; bins: number }>(
    `WITH r AS MATERIALIZED (SELECT ${['c.class_id AS k', 'hash(s.id) % 2 AS half', ...binned].join(', ')} ${rowsOf}),
     t AS MATERIALIZED (${[
       "SELECT -1 AS field, '' AS bin, k, half, count(*) AS n FROM r GROUP BY ALL",
       ...columns.map(
         (_, i) => `SELECT ${i} AS field, CAST(b${i} AS VARCHAR) AS bin, k, half, count(*) AS n FROM r GROUP BY ALL`,
       ),
     ].join(' UNION ALL ')}),
     best AS (SELECT field, bin, half, arg_max(k, n * 1000000000 - k) AS k FROM t GROUP BY ALL),
     common AS (SELECT half, k FROM best WHERE field = -1)
     SELECT t.field, sum(t.n)::BIGINT AS n, count(DISTINCT t.bin) AS bins,
       sum(t.n) FILTER (t.k = coalesce(best.k, common.k))::BIGINT AS "right"
     FROM t LEFT JOIN best ON best.field = t.field AND best.bin = t.bin AND best.half = 1 - t.half
       LEFT JOIN common ON common.half = 1 - t.half GROUP BY 1 ORDER BY 1`,
    values,
  )
  const counts = await db.rows<{ n: number }>(`SELECT count(*) AS n ${rowsOf} GROUP BY c.class_id`, values)
  const samples = counts.reduce((sum, { n }) => sum + n, 0)
  return {
    samples,
    classes: counts.length,
    baseline: samples === 0 ? 0 : Math.max(...counts.map(({ n }) => n)) / samples,
    fields: rows.flatMap(({ field, right, n, bins }) =>
      // One bin throughout says nothing.
      field < 0 || bins < 2 ? [] : [{ field: columns[field]!.field, accuracy: (right ?? 0) / n }],
    ),
  }
}

/** How each field is binned: its texts, or twenty bins of equal count; a missing value is a bin of its own. Texts of too many values are left out. */
async function describeTelling(
  db: Reading,
  { schema, values }: ScopedSql,
  fields: readonly string[],
  rowsOf: string,
  maxValues: number,
): Promise<{ field: string; bin: string }[]> {
  if (fields.length === 0) return []
  const shares = JSON.stringify(Array.from({ length: tellingBins - 1 }, (_, i) => (i + 1) / tellingBins))
  const isText = (field: string): boolean =>
    ['string', 'boolean'].includes(schema.fields.find(({ name }) => name === field)?.type ?? '')
  const row = await db.row<Record<string, unknown>>(
    `SELECT ${fields
      .map((field, i) =>
        isText(field)
          ? `count(DISTINCT ${categorySql(schema, field)}) AS f${i}`
          : `quantile_cont(${measureSql(schema, field)}, ${shares}) AS f${i}`,
      )
      .join(', ')} ${rowsOf}`,
    values,
  )
  return fields.flatMap((field, i) => {
    const found = row[`f${i}`]
    if (isText(field))
      return (found as number) > maxValues ? [] : [{ field, bin: `coalesce(${categorySql(schema, field)}, '')` }]
    const edges = [...new Set((found as number[] | null) ?? [])]
    const value = measureSql(schema, field)
    const steps = edges.map((edge, at) => `WHEN ${value} <= ${edge}::DOUBLE THEN ${at}`).join(' ')
    return edges.length === 0
      ? []
      : [{ field, bin: `CASE WHEN ${value} IS NULL THEN -1 ${steps} ELSE ${edges.length} END` }]
  })
}

function classNames(schema: QuerySchema): (id: number) => string {
  const names = new Map(schema.classes.map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? ''
}
