import type { z } from 'zod'
import type { FieldType, stats as statsSpec } from '#contract'
import { FoveaError } from '#base'
import type { QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import { compileSelection, type SelectedSql } from '../door/select.ts'
import { groupBy } from '../group.ts'
import { quote } from '../tables.ts'
import type { Selection } from '../types.ts'
import { isJoined, joinedNames, readJoined, type JoinedName } from './joined-counts.ts'

type Stats = z.input<typeof statsSpec.output>
type FieldStats = Stats['fields'][number]

export interface StatsRequest {
  selection: Selection
  by: readonly string[] | undefined
  bins: number
  /** Most frequent values to list of a counted field. */
  top: number
}

const tellingFields = ['class', 'tag', 'split', 'kind', 'width', 'height', 'brightness', 'contrast', 'sharpness']
/** Integers with so few values are counted, not binned. */
const countedUpTo = 20

/** Counts and histograms over a selection. Throws FIELD_NOT_FOUND. */
export async function readStats(db: Reading, schema: QuerySchema, request: StatsRequest): Promise<Stats> {
  const selected = compileSelection(request.selection, schema)
  const names = request.by ?? tellingFields
  const plain = names.filter((name) => !isJoined(name))
  const types = new Map(plain.map((name) => [name, typeOf(schema, name)]))
  const binned = plain.filter((name) => types.get(name) !== 'string' && types.get(name) !== 'boolean')
  const source = sourceOf(schema, selected, [...new Set(['id', ...plain])])
  const summary = await summarise(db, source, selected, binned, types)
  const found = new Map<string, FieldStats>()
  const counted = new Set(plain.filter((name) => !binned.includes(name)))
  for (const name of binned) {
    if (types.get(name) === 'integer' && (summary.of(name).distinct ?? Infinity) <= countedUpTo) counted.add(name)
  }
  const jobs: Promise<void>[] = [
    readBins(
      db,
      source,
      selected,
      binned.filter((name) => !counted.has(name)),
      types,
      summary,
      request.bins,
      found,
    ),
    ...[...counted].map(async (name) => {
      found.set(name, await readCounts(db, source, selected, name, types.get(name)!, summary.count, request.top))
    }),
    ...names.filter(isJoined).map(async (name) => {
      found.set(name, await countJoined(db, schema, selected, name, summary.count, request.top))
    }),
  ]
  await Promise.all(jobs)
  return { count: summary.count, fields: names.map((name) => found.get(name)!) }
}

function typeOf(schema: QuerySchema, name: string): FieldType {
  const field = schema.fields.find((known) => known.name === name)
  if (field) return field.name === 'phash' ? 'string' : field.type
  throw new FoveaError('FIELD_NOT_FOUND', `There is no field ${name} to count.`, {
    hint: `Use a field (fovea field list), or one of ${joinedNames.join(', ')}.`,
  })
}

function sourceOf(schema: QuerySchema, { where, tail, limit }: SelectedSql, columns: readonly string[]): string {
  const list = columns.map((name) => `s.${quote(name)}`).join(', ')
  return `(SELECT ${list} FROM ${schema.tables.samples} s WHERE ${where.text} ${limit === null ? '' : tail})`
}

interface Summary {
  count: number
  of(name: string): {
    count: number
    distinct: number | null
    min: number | null
    max: number | null
    mean: number | null
    deviation: number | null
  }
}

/** Numbers of all binned fields in one scan; datetimes as microseconds. */
async function summarise(
  db: Reading,
  source: string,
  selected: SelectedSql,
  names: readonly string[],
  types: ReadonlyMap<string, FieldType>,
): Promise<Summary> {
  const parts = names.flatMap((name, i) => {
    const value = numeric(name, types)
    return [
      `count(${value}) AS c${i}`,
      // Only whole numbers can have few values enough to be counted one by one.
      `${types.get(name) === 'integer' ? `approx_count_distinct(${value})` : 'NULL'} AS d${i}`,
      `min(${value}) AS l${i}`,
      `max(${value}) AS h${i}`,
      `avg(${value}) AS m${i}`,
      `CASE WHEN count(${value}) > 1 THEN stddev_samp(${value}) END AS s${i}`,
    ]
  })
  const row = await db.row<Record<string, number | null>>(
    `SELECT ${['count(*) AS n', ...parts].join(', ')} FROM ${source} s`,
    selected.where.values,
  )
  return {
    count: row['n']!,
    of(name) {
      const i = names.indexOf(name)
      return {
        count: row[`c${i}`]!,
        distinct: row[`d${i}`] ?? null,
        min: row[`l${i}`]!,
        max: row[`h${i}`]!,
        mean: row[`m${i}`]!,
        deviation: row[`s${i}`]!,
      }
    },
  }
}

/** A number for binning: infinities and NaN count as missing. */
function numeric(name: string, types: ReadonlyMap<string, FieldType>): string {
  const column = `s.${quote(name)}`
  const number = types.get(name) === 'datetime' ? `epoch_us(${column})` : column
  return `(CASE WHEN isfinite(CAST(${number} AS DOUBLE)) THEN CAST(${number} AS DOUBLE) END)`
}

async function readBins(
  db: Reading,
  source: string,
  selected: SelectedSql,
  names: readonly string[],
  types: ReadonlyMap<string, FieldType>,
  summary: Summary,
  bins: number,
  found: Map<string, FieldStats>,
): Promise<void> {
  if (names.length === 0) return
  const plans = names.map((name) => {
    const facts = summary.of(name)
    const low = facts.min ?? 0
    const span = (facts.max ?? 0) - low
    const count = span === 0 ? Math.min(1, facts.count) : bins
    const value = numeric(name, types)
    const bin =
      span === 0 ? '0' : `least(CAST(floor((${value} - ${low}) / ${span} * ${count}) AS INTEGER), ${count - 1})`
    return { name, facts, low, span, count, value, bin }
  })
  // One statement for all fields: the filter is evaluated once.
  const parts = plans.map(
    ({ value, bin }, i) =>
      `SELECT ${i} AS field, ${bin} AS bin, count(*) AS n FROM m s WHERE ${value} IS NOT NULL GROUP BY 2`,
  )
  const rows = await db.rows<{ field: number; bin: number; n: number }>(
    `WITH m AS MATERIALIZED (SELECT * FROM ${source}) ${parts.join(' UNION ALL ')}`,
    selected.where.values,
  )
  const byField = groupBy(rows, (row) => row.field)
  plans.forEach(({ name, facts, low, span, count }, at) => {
    const type = types.get(name) as 'number' | 'integer' | 'datetime'
    const counts = new Map((byField.get(at) ?? []).map((row) => [row.bin, row.n]))
    const edge = (i: number): number | string => {
      const value = i === count ? (facts.max ?? 0) : low + (span * i) / count
      return type === 'datetime' ? new Date(value / 1000).toISOString() : value
    }
    found.set(name, {
      kind: 'histogram',
      field: name,
      type,
      count: facts.count,
      missing: summary.count - facts.count,
      min: facts.min === null ? null : edge(0),
      max: facts.max === null ? null : edge(count),
      mean: type === 'datetime' ? null : facts.mean,
      deviation: type === 'datetime' ? null : facts.deviation,
      bins: Array.from({ length: count }, (_, i) => ({ from: edge(i), to: edge(i + 1), count: counts.get(i) ?? 0 })),
    })
  })
}

async function readCounts(
  db: Reading,
  source: string,
  selected: SelectedSql,
  name: string,
  type: FieldType,
  total: number,
  top: number,
): Promise<FieldStats> {
  const column = name === 'phash' ? `printf('%016x', s.phash)` : name === 'id' ? `'s_' || s.id` : `s.${quote(name)}`
  const rows = await db.rows<{ value: string | number | boolean; n: number; distinct: number; present: number }>(
    `SELECT *, count(*) OVER () AS "distinct", sum(n) OVER ()::BIGINT AS present FROM
       (SELECT ${column} AS value, count(*) AS n FROM ${source} s WHERE ${column} IS NOT NULL GROUP BY 1)
     ORDER BY n DESC, value LIMIT ${top}`,
    selected.where.values,
  )
  const present = rows[0]?.present ?? 0
  return {
    kind: 'counts',
    field: name,
    type: type as 'string' | 'boolean' | 'integer' | 'number',
    count: present,
    missing: total - present,
    distinct: rows[0]?.distinct ?? 0,
    values: rows.map(({ value, n }) => ({ value, count: n })),
  }
}

async function countJoined(
  db: Reading,
  schema: QuerySchema,
  selected: SelectedSql,
  name: JoinedName,
  total: number,
  top: number,
): Promise<FieldStats> {
  const everything = selected.where.text === 'TRUE' && selected.limit === null
  const text = `SELECT id FROM ${sourceOf(schema, selected, ['id'])} c`
  const chosen = everything ? null : { text, values: selected.where.values }
  const { present, values } = await readJoined(db, schema, name, chosen)
  return {
    kind: 'counts',
    field: name,
    type: 'string',
    count: present,
    missing: total - present,
    distinct: values.length,
    values: values.slice(0, top),
  }
}
