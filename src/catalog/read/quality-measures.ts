import type { Reading } from '../database.ts'
import type { MeasuredSample, MeasureSummary, OutsideSample } from '../types.ts'
import { measureSql, type ScopedSql } from './quality-scope.ts'

export async function countScope(db: Reading, { from, values }: ScopedSql): Promise<number> {
  return (await db.row<{ n: number }>(`SELECT count(*) AS n FROM ${from}`, values)).n
}

/** The first samples by a measure, those without it last; without a measure in order of id. */
export async function pickSamples(
  db: Reading,
  scoped: ScopedSql,
  by: { measure: string; descending: boolean } | undefined,
  limit: number,
): Promise<MeasuredSample[]> {
  const value = by === undefined ? 'NULL' : measureSql(scoped.schema, by.measure)
  return db.rows<MeasuredSample>(
    `SELECT s.id, s.path, ${value} AS value FROM ${scoped.from}
     ORDER BY value ${by?.descending === true ? 'DESC' : 'ASC'} NULLS LAST, s.id LIMIT ${limit}`,
    scoped.values,
  )
}

/** Quartiles with linear interpolation (numpy's default), spread and range of every measure, in one scan each. */
export async function summariseMeasures(
  db: Reading,
  scoped: ScopedSql,
  measures: readonly string[],
): Promise<MeasureSummary[]> {
  if (measures.length === 0) return []
  const columns = measures.map((name, i) => `${measureSql(scoped.schema, name)} AS m${i}`)
  const parts = measures.flatMap((_, i) => [
    `count(m${i}) AS n${i}`,
    `quantile_cont(m${i}, [0.25, 0.5, 0.75]) AS q${i}`,
    `min(m${i}) AS l${i}`,
    `max(m${i}) AS h${i}`,
    `avg(m${i}) AS a${i}`,
    `CASE WHEN count(m${i}) > 1 THEN stddev_samp(m${i}) END AS d${i}`,
  ])
  const row = await db.row<Record<string, unknown>>(
    `SELECT ${parts.join(', ')} FROM (SELECT ${columns.join(', ')} FROM ${scoped.from})`,
    scoped.values,
  )
  return measures.map((measure, i) => {
    const quartiles = (row[`q${i}`] ?? [null, null, null]) as (number | null)[]
    return {
      measure,
      count: row[`n${i}`] as number,
      q1: quartiles[0] ?? null,
      median: quartiles[1] ?? null,
      q3: quartiles[2] ?? null,
      min: row[`l${i}`] as number | null,
      max: row[`h${i}`] as number | null,
      mean: row[`a${i}`] as number | null,
      deviation: (row[`d${i}`] as number | null) ?? null,
    }
  })
}

/** Samples with any measure outside its bounds, the farthest out first, each with the measure that is farthest out. */
export async function findOutside(
  db: Reading,
  scoped: ScopedSql,
  bounds: readonly { measure: string; low: number; high: number }[],
  limit: number,
): Promise<{ found: number; worst: OutsideSample[] }> {
  if (bounds.length === 0) return { found: 0, worst: [] }
  // How far out, in widths of what is allowed, so that measures of different units compare.
  const far = bounds.map(({ measure, low, high }) => {
    const value = measureSql(scoped.schema, measure)
    const width = high - low > 0 ? high - low : 1
    return {
      value,
      far: `coalesce(greatest((${low}::DOUBLE) - ${value}, ${value} - (${high}::DOUBLE), 0) / ${width}, 0)`,
    }
  })
  const worst = far.length === 1 ? far[0]!.far : `greatest(${far.map((one) => one.far).join(', ')})`
  const pick = far.map((one, i) => `WHEN ${one.far} = far THEN ${i}`).join(' ')
  const value = far.map((one) => `WHEN ${one.far} = far THEN ${one.value}`).join(' ')
  const rows = await db.rows<{ id: number; path: string; far: number; which: number; value: number; n: number }>(
    `WITH f AS MATERIALIZED (SELECT s.id, ${worst} AS far FROM ${scoped.from} WHERE ${worst} > 0)
     SELECT s.id, s.path, far, CASE ${pick} END AS which, CASE ${value} END AS value, (SELECT count(*) FROM f) AS n
     FROM (SELECT * FROM f ORDER BY far DESC, id LIMIT ${limit}) t JOIN ${scoped.schema.tables.samples} s USING (id) ORDER BY far DESC, s.id`,
    scoped.values,
  )
  return {
    found: rows[0]?.n ?? 0,
    worst: rows.map(({ which, n: _, ...row }) => ({ ...row, measure: bounds[which]!.measure })),
  }
}

/** How many samples lie in each of the bins between `edges`; the last bin holds its upper edge too. */
export async function countBins(
  db: Reading,
  scoped: ScopedSql,
  measure: string,
  edges: readonly number[],
): Promise<number[]> {
  const bins = edges.length - 1
  const low = edges[0]!
  const span = edges[bins]! - low
  const counts = Array.from({ length: bins }, () => 0)
  if (bins < 1) return counts
  const bin = span === 0 ? '0' : `least(CAST(floor((v - ${low}) / ${span} * ${bins}) AS INTEGER), ${bins - 1})`
  const rows = await db.rows<{ bin: number; n: number }>(
    `SELECT ${bin} AS bin, count(*) AS n FROM (SELECT ${measureSql(scoped.schema, measure)} AS v FROM ${scoped.from})
     WHERE v >= ${low} AND v <= ${edges[bins]!} GROUP BY 1`,
    scoped.values,
  )
  for (const row of rows) counts[row.bin] = row.n
  return counts
}

/** Measures of the samples column by column, NaN where missing; at most `limit` of them, drawn by a hash of the id. */
export async function readMeasures(
  db: Reading,
  scoped: ScopedSql,
  measures: readonly string[],
  limit: number | undefined,
): Promise<Float64Array[]> {
  const columns = measures.map((name) => `coalesce(${measureSql(scoped.schema, name)}, 'NaN'::DOUBLE)`)
  const drawn = limit === undefined ? '' : `ORDER BY hash(s.id), s.id LIMIT ${limit}`
  return (await db.numbers(
    `SELECT ${columns.join(', ')} FROM ${scoped.from} ${drawn}`,
    scoped.values,
  )) as Float64Array[]
}
