import type { z } from 'zod'
import type { FieldType, stats as statsSpec } from '#contract'
import { compareCodePoints, FoveaError, formatSampleId } from '#base'
import type { QuerySchema } from '#query'
import { compileSelection } from '../door/select.ts'
import { quote } from '../tables.ts'
import type { Selection } from '../types.ts'
import { readFolders, readNameColumn, readNumberColumn, readSelected, type Source } from './columns.ts'
import { countNames, isJoined, joinedNames, readJoined, type JoinedName } from './joined-counts.ts'
import { countBins, countValues, summarise } from './stats-numbers.ts'

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
export async function readStats(source: Source, request: StatsRequest): Promise<Stats> {
  const { schema } = source
  const names = request.by ?? tellingFields
  const types = new Map(names.filter((name) => !isJoined(name)).map((name) => [name, typeOf(schema, name)]))
  const { count, places } = await readSelected(source, request.selection)
  const fields: FieldStats[] = []
  // One after the other, so that other requests get their turn between them.
  for (const name of names) {
    if (isJoined(name)) fields.push(await countJoined(source, request, name, count, places))
    else if (types.get(name) === 'string' || types.get(name) === 'boolean')
      fields.push(await countTexts(source, request, name, types.get(name)!, count, places))
    else fields.push(await countNumbers(source, request, name, types.get(name) as NumberType, count, places))
  }
  return { count, fields }
}

function typeOf(schema: QuerySchema, name: string): FieldType {
  const field = schema.fields.find((known) => known.name === name)
  if (field) return field.name === 'phash' ? 'string' : field.type
  throw new FoveaError('FIELD_NOT_FOUND', `There is no field ${name} to count.`, {
    hint: `Use a field (fovea field list), or one of ${joinedNames.join(', ')}.`,
  })
}

type NumberType = 'number' | 'integer' | 'datetime'

/** A number for binning: infinities and NaN count as missing; datetimes as microseconds. */
function numeric(name: string, type: NumberType): string {
  const column = `s.${quote(name)}`
  const number = `CAST(${type === 'datetime' ? `epoch_us(${column})` : column} AS DOUBLE)`
  return `CASE WHEN isfinite(${number}) THEN ${number} END`
}

async function countNumbers(
  source: Source,
  { bins, top }: StatsRequest,
  name: string,
  type: NumberType,
  total: number,
  places: Int32Array | null,
): Promise<FieldStats> {
  const column = await readNumberColumn(source, numeric(name, type))
  const facts = summarise(column, places)
  const missing = total - facts.count
  if (type === 'integer') {
    const counted = countValues(column, places, countedUpTo)
    if (counted !== null)
      return {
        kind: 'counts',
        field: name,
        type,
        count: facts.count,
        missing,
        distinct: counted.length,
        values: (name === 'id' ? namedIds(counted) : counted).slice(0, top),
      }
  }
  const span = facts.max - facts.min
  const length = span === 0 ? Math.min(1, facts.count) : facts.count === 0 ? 0 : bins
  const counts = countBins(column, places, facts, length)
  const finite = (value: number | null): number | null => (Number.isFinite(value) ? value : null)
  const valueOf = (value: number): number | string =>
    type === 'datetime' ? new Date(value / 1000).toISOString() : value
  const edge = (i: number): number | string => valueOf(i === length ? facts.max : facts.min + (span * i) / length)
  const isEmpty = facts.count === 0
  return {
    kind: 'histogram',
    field: name,
    type,
    count: facts.count,
    missing,
    min: isEmpty ? null : valueOf(facts.min),
    max: isEmpty ? null : valueOf(facts.max),
    mean: type === 'datetime' ? null : finite(facts.mean),
    deviation: type === 'datetime' ? null : finite(facts.deviation),
    bins: Array.from(counts, (count, i) => ({ from: edge(i), to: edge(i + 1), count })),
  }
}

/** Ids as they are written. */
function namedIds(counted: readonly { value: number; count: number }[]): { value: string; count: number }[] {
  return counted
    .map(({ value, count }) => ({ value: formatSampleId(value), count }))
    .sort((a, b) => compareCodePoints(a.value, b.value))
}

/** Text and truth values. Those with too many different ones to hold are counted where they lie. */
async function countTexts(
  source: Source,
  request: StatsRequest,
  name: string,
  type: FieldType,
  total: number,
  places: Int32Array | null,
): Promise<FieldStats> {
  const column = scattered.has(name) ? null : await readNameColumn(source, `s.${quote(name)}`, mostTexts)
  if (column === null) return countScattered(source, request, name, total)
  const { present, values } = countNames(column, places)
  return {
    kind: 'counts',
    field: name,
    type: type as 'string' | 'boolean',
    count: present,
    missing: total - present,
    distinct: values.length,
    values: values.slice(0, request.top),
  }
}

/** More are counted better where they lie. */
const mostTexts = 20_000
/** These differ for nearly every sample. */
const scattered: ReadonlySet<string> = new Set(['path', 'source', 'md5', 'sha256', 'phash'])

async function countScattered(
  { db, schema }: Source,
  { selection, top }: StatsRequest,
  name: string,
  total: number,
): Promise<FieldStats> {
  const { where, tail, limit } = compileSelection(selection, schema)
  const column = name === 'phash' ? `printf('%016x', s.phash)` : `s.${quote(name)}`
  const rows = await db.rows<{ value: string; n: number; distinct: number; present: number }>(
    `SELECT *, count(*) OVER () AS "distinct", sum(n) OVER ()::BIGINT AS present FROM
       (SELECT value, count(*) AS n FROM
         (SELECT ${column} AS value FROM ${schema.tables.samples} s WHERE ${where.text} ${limit === null ? '' : tail})
        WHERE value IS NOT NULL GROUP BY 1)
     ORDER BY n DESC, value LIMIT ${top}`,
    where.values,
  )
  const present = rows[0]?.present ?? 0
  return {
    kind: 'counts',
    field: name,
    type: 'string',
    count: present,
    missing: total - present,
    distinct: rows[0]?.distinct ?? 0,
    values: rows.map(({ value, n }) => ({ value, count: n })),
  }
}

async function countJoined(
  source: Source,
  { top }: StatsRequest,
  name: JoinedName,
  total: number,
  places: Int32Array | null,
): Promise<FieldStats> {
  const { present, values } =
    name === 'folder' ? countNames(await readFolders(source), places) : await readJoined(source, name, places)
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
