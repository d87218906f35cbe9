import type { Scalar } from '#contract'
import { FoveaError, type Rng } from '#base'
import { quote, type QueryField, type QuerySchema } from '#query'
import { bootstrapInTurns } from '../scores/bootstrap.ts'
import type { Judged } from '../judge/types.ts'

/** A part of the judged samples. */
export interface Slice {
  name: string
  /** Condition in the query language. */
  query: string
  /** Places among the judged samples. */
  rows: Int32Array
}

/** Values of a field by sample. */
export type FieldColumn = ReadonlyMap<number, Scalar>

/** Parts that numbers are cut into: as many samples in each, as far as equal values allow. */
const parts = 4
/** Numbers that take no more values than that are not cut but told apart. */
const fewValues = 8
/** A text with more values than that names things, it does not group them. */
const mostValues = 20

/** What stands for the file, or was written after it was seen, explains no errors. */
const idleFields = new Set([
  'id',
  'path',
  'source',
  'note',
  'md5',
  'sha256',
  'phash',
  'created_at',
  'updated_at',
  'modified_ms',
])

/** Fields by whose values samples are grouped; those of the judged predictions themselves are left out. */
export function usableFields({ fields }: Pick<QuerySchema, 'fields'>, prefix: string): QueryField[] {
  return fields.filter(
    ({ name, type }) => !idleFields.has(name) && type !== 'datetime' && !name.startsWith(`${prefix}_`),
  )
}

/** Cuts samples by a field: numbers of many values at their quartiles, others by value; none where a field tells nothing apart. */
export function cutByField(
  { name, type }: Pick<QueryField, 'name' | 'type'>,
  ids: readonly number[],
  column: FieldColumn,
): Slice[] {
  const rowsBy = <Key>(key: (value: Scalar) => Key | undefined): Map<Key, number[]> => {
    const groups = new Map<Key, number[]>()
    ids.forEach((id, row) => {
      const value = column.get(id) ?? null
      const group = value === null ? undefined : key(value)
      if (group === undefined) return
      const rows = groups.get(group)
      if (rows === undefined) groups.set(group, [row])
      else rows.push(row)
    })
    return groups
  }
  const term = /^[A-Za-z_][\w.]*$/.test(name) ? name : quote(name, '`')
  const make = (query: string, rows: number[]): Slice => ({ name: query, query, rows: Int32Array.from(rows) })
  if (type === 'number' || type === 'integer') {
    const values = ids.flatMap((id) => (typeof column.get(id) === 'number' ? [column.get(id) as number] : []))
    const distinct = new Set(values)
    if (distinct.size <= fewValues)
      return distinct.size < 2
        ? []
        : [...rowsBy((value) => value)].map(([value, rows]) => make(`${term} = ${String(value)}`, rows))
    const borders = cutPoints(values)
    const groups = rowsBy((value) => borders.findLastIndex((border) => (value as number) >= border))
    return [-1, ...borders.keys()].flatMap((i) => {
      const rows = groups.get(i)
      const [low, high] = [borders[i], borders[i + 1]]
      const bounds = [
        ...(low === undefined ? [] : [`${term} >= ${low}`]),
        ...(high === undefined ? [] : [`${term} < ${high}`]),
      ]
      return rows === undefined || bounds.length === 0 ? [] : [make(bounds.join(' and '), rows)]
    })
  }
  const groups = rowsBy((value) => value)
  if (groups.size < 2 || groups.size > mostValues) return []
  return [...groups].map(([value, rows]) =>
    make(`${term} = ${typeof value === 'string' ? quote(value, '"') : String(value)}`, rows),
  )
}

/** Distinct quartiles above the lowest value, with three digits where these tell them apart. */
function cutPoints(values: number[]): number[] {
  const sorted = Float64Array.from(values).sort()
  const borders: number[] = []
  for (let i = 1; i < parts; i++) {
    const exact = sorted[Math.round((i * (sorted.length - 1)) / parts)]!
    const short = Number(exact.toPrecision(3))
    const last = borders.at(-1) ?? sorted[0]!
    if (short > last && short <= sorted.at(-1)!) borders.push(short)
    else if (exact > last) borders.push(exact)
  }
  return borders
}

/** Slices that were asked for by name: saved ones, else fields. Throws FIELD_NOT_FOUND with what there is. */
export async function cutByNames(
  names: readonly string[],
  deps: {
    schema: Pick<QuerySchema, 'fields' | 'slices'>
    ids: readonly number[]
    idsOf: (query: string) => Promise<readonly number[]>
    columnOf: (field: string) => FieldColumn
  },
): Promise<Slice[]> {
  const { schema, ids } = deps
  const place = new Map(ids.map((id, row) => [id, row]))
  const cut = await Promise.all(
    names.map(async (name) => {
      const saved = schema.slices.find((slice) => slice.name === name)
      if (saved !== undefined) {
        const rows = (await deps.idsOf(saved.query)).flatMap((id) => place.get(id) ?? [])
        return [{ name, query: saved.query, rows: Int32Array.from(rows) }]
      }
      const field = schema.fields.find((each) => each.name === name)
      if (field !== undefined) return cutByField(field, ids, deps.columnOf(name))
      throw new FoveaError('FIELD_NOT_FOUND', `There is no saved slice and no field ${JSON.stringify(name)}.`, {
        hint: `Slices: ${schema.slices.map((slice) => slice.name).join(', ') || 'none'}. Fields are listed by: fovea fields`,
      })
    }),
  )
  return cut.flat()
}

export interface JudgedSlice {
  name: string
  query: string
  samples: number
  value: number | null
  low: number | null
  high: number | null
  figures: Record<string, number | null>
  apart: boolean
}

/** Figures of a slice, the main one with its interval. */
export async function judgeSlice(
  judged: Judged,
  { name, query, rows }: Slice,
  { rng, rounds, signal }: { rng: Rng; rounds: number; signal: AbortSignal },
): Promise<JudgedSlice> {
  const weights = new Float64Array(judged.ids.length)
  const ones = weights.slice().fill(1)
  for (const row of rows) weights[row] = 1
  const figures = judged.measure(weights)
  const mainOnly = (chosen: Float64Array): Record<string, number | null> => ({
    [judged.main]: judged.measure(chosen)[judged.main] ?? null,
  })
  const drawn = await bootstrapInTurns(mainOnly, weights.length, { rng: rng.fork(query), rounds, among: rows, signal })
  const interval = drawn[judged.main]
  const [low, high] = [interval?.low ?? null, interval?.high ?? null]
  const whole = judged.measure(ones)[judged.main] ?? null
  return {
    name,
    query,
    samples: rows.length,
    value: figures[judged.main] ?? null,
    low,
    high,
    figures,
    apart: whole !== null && low !== null && high !== null && (whole < low || whole > high),
  }
}

/** The slices with the worst main figure that hold at least so many samples, and not nearly all; the worst first. */
export function rankSlices(
  judged: Judged,
  slices: readonly Slice[],
  { support, most }: { support: number; most: number },
): Slice[] {
  const weights = new Float64Array(judged.ids.length)
  const whole = judged.measure(weights.slice().fill(1))[judged.main] ?? null
  const sign = judged.lowerIsBetter ? -1 : 1
  const rated = slices.flatMap((slice) => {
    if (slice.rows.length < support || slice.rows.length === weights.length) return []
    weights.fill(0)
    for (const row of slice.rows) weights[row] = 1
    const value = judged.measure(weights)[judged.main] ?? null
    return value === null || whole === null || sign * value >= sign * whole ? [] : [{ slice, value: sign * value }]
  })
  return rated
    .toSorted((a, b) => a.value - b.value || b.slice.rows.length - a.slice.rows.length)
    .slice(0, most)
    .map(({ slice }) => slice)
}
