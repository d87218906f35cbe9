import { FoveaError } from '#base'
import type { Reading } from '../database.ts'
import { quote } from '../tables.ts'
import type { DatasetRef, NewProblem, SampleOrigin, SamplePair } from '../types.ts'
import type { ScopedSql } from './quality-scope.ts'

/** Milliseconds since 1970 over alias `s`. Throws FIELD_NOT_FOUND, FIELD_TYPE. */
function timeSql({ schema }: ScopedSql, name: string): string {
  const dates = schema.fields.filter(({ type }) => type === 'datetime').map((field) => field.name)
  if (dates.includes(name)) return `epoch_ms(s.${quote(name)})`
  const isField = schema.fields.some((field) => field.name === name)
  throw new FoveaError(
    isField ? 'FIELD_TYPE' : 'FIELD_NOT_FOUND',
    `Expected a field of dates, got ${JSON.stringify(name)}.`,
    { hint: `Known: ${dates.join(', ')}.` },
  )
}

export async function findNewest(
  db: Reading,
  scoped: ScopedSql,
  field: string,
): Promise<{ count: number; newestMs: number | null; id: number | null; path: string | null }> {
  return db.row(
    `SELECT count(t) AS count, max(t) AS "newestMs", arg_max(id, t) AS id, arg_max(path, t) AS path
     FROM (SELECT ${timeSql(scoped, field)} AS t, s.id, s.path FROM ${scoped.from})`,
    scoped.values,
  )
}

/** See `QualityPort.gaps`. */
export async function findGaps(
  db: Reading,
  scoped: ScopedSql,
  field: string,
  longerThan: { medians: number; ms: number },
  limit: number,
): Promise<{
  looked: number
  found: number
  medianMs: number | null
  gaps: (SamplePair & { fromMs: number; toMs: number })[]
}> {
  const steps = `SELECT id, t, lag(id) OVER w AS before, lag(t) OVER w AS since
    FROM (SELECT s.id, ${timeSql(scoped, field)} AS t FROM ${scoped.from}) WHERE t IS NOT NULL WINDOW w AS (ORDER BY t, id)`
  const { looked, medianMs } = await db.row<{ looked: number; medianMs: number | null }>(
    // Pictures of one moment say nothing about the rhythm.
    `SELECT count(*) AS looked, quantile_cont(t - since, 0.5) FILTER (t > since) AS "medianMs" FROM (${steps}) WHERE since IS NOT NULL`,
    scoped.values,
  )
  if (medianMs === null) return { looked, found: 0, medianMs, gaps: [] }
  const bound = Math.max(longerThan.ms, medianMs * longerThan.medians)
  const { samples } = scoped.schema.tables
  const rows = await db.rows<SamplePair & { fromMs: number; toMs: number; found: number }>(
    `WITH g AS MATERIALIZED (SELECT * FROM (${steps}) WHERE since IS NOT NULL AND t - since > ${bound})
     SELECT g.id, p.path, g.before AS "otherId", o.path AS "otherPath", g.since AS "fromMs", g.t AS "toMs",
       (SELECT count(*) FROM g) AS found
     FROM g JOIN ${samples} p ON p.id = g.id JOIN ${samples} o ON o.id = g.before ORDER BY g.t - g.since DESC, g.id LIMIT ${limit}`,
    scoped.values,
  )
  return {
    looked,
    found: rows[0]?.found ?? 0,
    medianMs,
    gaps: rows.map(({ found: _, ...gap }) => gap),
  }
}

/** See `QualityPort.unknownOrigins`. */
export async function findUnknownOrigins(
  db: Reading,
  { from, values }: ScopedSql,
  operations: readonly string[],
  limit: number,
): Promise<{ looked: number; found: number; worst: (SampleOrigin & { id: number; path: string })[] }> {
  const next = values.length + 1
  const source = `FROM ${from} LEFT JOIN changes c ON c.id = s.added`
  const unknown = `(coalesce(s.source, '') = '' OR c.operation IS NULL
    OR NOT list_contains(from_json($${next}, '["VARCHAR"]'), c.operation))`
  const all = [...values, JSON.stringify(operations)]
  const { looked, found } = await db.row<{ looked: number; found: number }>(
    `SELECT count(*) AS looked, count(*) FILTER (${unknown}) AS found ${source}`,
    all,
  )
  if (found === 0) return { looked, found, worst: [] }
  const worst = await db.rows<SampleOrigin & { id: number; path: string }>(
    `SELECT s.id, s.path, s.source, c.operation ${source} WHERE ${unknown} ORDER BY s.id LIMIT ${limit}`,
    all,
  )
  return { looked, found, worst }
}

/** See `QualityPort.problemFiles`. `files` counts samples and files that never became one. */
export async function readProblemFiles(
  db: Reading,
  dataset: DatasetRef,
  samples: string,
  codes: readonly string[],
  limit: number,
): Promise<{ files: number; found: number; problems: NewProblem[] }> {
  const bad = `FROM problems WHERE dataset_id = $1 AND list_contains(from_json($2, '["VARCHAR"]'), code)`
  const values = [dataset.id, JSON.stringify(codes)]
  const { files, found } = await db.row<{ files: number; found: number }>(
    `SELECT (SELECT count(DISTINCT file) ${bad}) AS found,
       (SELECT count(*) FROM ${samples})
         + (SELECT count(DISTINCT file) ${bad} AND file NOT IN (SELECT source FROM ${samples})) AS files`,
    values,
  )
  const problems = await db.rows<NewProblem>(`SELECT file, code, what, fix ${bad} ORDER BY file LIMIT ${limit}`, values)
  return { files, found, problems }
}
