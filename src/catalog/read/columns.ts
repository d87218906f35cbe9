import { setImmediate } from 'node:timers/promises'
import type { QuerySchema, SqlFragment } from '#query'
import type { Reading } from '../database.ts'
import { compileSelection } from '../door/select.ts'
import type { Selection } from '../types.ts'
import type { Keeper } from './keeper.ts'

/** Where the samples of a dataset are read from, and what of them was read before. */
export interface Source {
  db: Reading
  schema: QuerySchema
  keeper: Keeper
}

/** Names that samples have one of, in the order of their code points, texts, or false before true. */
export interface NameColumn<T extends string | boolean = string | boolean> {
  names: readonly T[]
  /** Place of a sample's name among them, −1 for none. */
  codes: Int32Array
}

/** Things that samples can have several of. */
export interface SeveralColumn {
  /** The things of the sample at a place begin here and end where the next one's begin; each stands once. */
  starts: Int32Array
  /** Places in `values`. */
  things: Uint16Array | Int32Array
  /** Numbers of the things, rising; −1 for something without one. */
  values: Int32Array
}

/** Samples of a dataset by id, rising: columns have their values in this order. */
const readIds = ({ db, schema, keeper }: Source): Promise<Int32Array> =>
  keeper.keep(
    'ids',
    async () => sorted(await readOne(db, `SELECT CAST(s.id AS INTEGER) FROM ${schema.tables.samples} s`)),
    sizeOf,
  )

/** The samples of a selection, by id, rising. */
function readSelectedIds(source: Source, selection: Selection): Promise<Int32Array> {
  const { where, tail, limit } = compileSelection(selection, source.schema)
  if (isAll(where) && limit === null) return readIds(source)
  const rest = limit === null ? '' : tail
  return source.keeper.keep(
    `selected ${JSON.stringify([where.text, where.values.map(String), rest])}`,
    async () => {
      const text = `SELECT CAST(s.id AS INTEGER) FROM ${source.schema.tables.samples} s WHERE ${where.text} ${rest}`
      return sorted(await readOne(source.db, text, where))
    },
    sizeOf,
  )
}

const isAll = ({ text }: SqlFragment): boolean => text === 'TRUE'

/** width / height of every sample. */
export const readAspects = (source: Source): Promise<Float64Array> => readNumberColumn(source, 's.width / s.height')

/** The places of a selection's samples in the columns of their dataset; null where they have all of them. */
export async function readSelected(
  source: Source,
  selection: Selection,
): Promise<{ count: number; ids: Int32Array; places: Int32Array | null }> {
  const [all, ids] = await Promise.all([readIds(source), readSelectedIds(source, selection)])
  if (all.length === ids.length) return { count: ids.length, ids, places: null }
  const places = new Int32Array(ids.length)
  let count = 0
  for (let i = 0, at = 0; i < ids.length; i++) {
    while (at < all.length && all[at]! < ids[i]!) at++
    // A sample that came between the two statements is in none of the columns.
    if (all[at] === ids[i]) places[count++] = at
  }
  return { count, ids, places: places.subarray(0, count) }
}

/** A number of every sample, NaN for none. `value` is SQL over the alias `s` that gives a DOUBLE. */
export function readNumberColumn(source: Source, value: string): Promise<Float64Array> {
  const { db, schema, keeper } = source
  return keeper.keep(
    `numbers ${value}`,
    async () => {
      const all = await readIds(source)
      const [ids, values] = (await db.numbers(
        `SELECT CAST(s.id AS INTEGER), coalesce(${value}, 'NaN'::DOUBLE) FROM ${schema.tables.samples} s`,
      )) as [Int32Array, Float64Array]
      if (isSame(ids, all)) return values
      const placeOf = indexOf(all)
      const column = new Float64Array(all.length).fill(Number.NaN)
      ids.forEach((id, i) => {
        const place = placeOf(id)
        if (place >= 0) column[place] = values[i]!
      })
      return column
    },
    sizeOf,
  )
}

/** A name of every sample. `value` is SQL over the alias `s` that gives a text or a truth value. Null for more than `most` names. */
export function readNameColumn<T extends string | boolean>(
  source: Source,
  value: string,
  most: number,
): Promise<NameColumn<T> | null> {
  const { db, schema, keeper } = source
  const from = `(SELECT s.id, ${value} AS value FROM ${schema.tables.samples} s)`
  return keeper.keep(
    `names ${value}`,
    async () => {
      for (;;) {
        const rows = await db.rows<{ value: T }>(
          `SELECT DISTINCT value FROM ${from} WHERE value IS NOT NULL LIMIT ${most + 1}`,
        )
        if (rows.length > most) return null
        const [all, [ids, codes]] = await Promise.all([
          readIds(source),
          db.numbers(
            `WITH n AS (SELECT value, row_number() OVER (ORDER BY value) - 1 AS code FROM (SELECT DISTINCT value FROM ${from} WHERE value IS NOT NULL))
             SELECT CAST(s.id AS INTEGER), CAST(n.code AS INTEGER) FROM ${from} s JOIN n ON n.value = s.value`,
          ) as Promise<[Int32Array, Int32Array]>,
        ])
        const names = rows.map((row) => row.value).sort(compareNames)
        const placeOf = indexOf(all)
        const column = new Int32Array(all.length).fill(-1)
        ids.forEach((id, i) => {
          const place = placeOf(id)
          if (place >= 0) column[place] = codes[i]!
        })
        // Two statements that saw different data do not go together; what was written is told before long.
        if (keeper.isCurrent() || codes.every((code) => code < names.length)) return { names, codes: column }
      }
    },
    (made) => (made === null ? 0 : sizeOf(made.codes)),
  )
}

/** Folder of a sample, the root as an empty text. */
const folderOf = `regexp_replace(s.path, '/?[^/]*$', '')`

/** Folders of samples. */
export async function readFolders(source: Source): Promise<NameColumn<string>> {
  return (await readNameColumn<string>(source, folderOf, 2 ** 31))!
}

/** Things of every sample. `from` is SQL for rows of sample_id and value, also repeated ones. */
export function readSeveralColumn(source: Source, from: string): Promise<SeveralColumn> {
  const { db, keeper } = source
  return keeper.keep(
    `several ${from}`,
    async () => {
      const [all, [ids, values]] = await Promise.all([
        readIds(source),
        db.numbers(`SELECT CAST(sample_id AS INTEGER), CAST(coalesce(value, -1) AS INTEGER) FROM (${from})`) as Promise<
          [Int32Array, Int32Array]
        >,
      ])
      return gather(all, ids, values)
    },
    ({ starts, things }) => sizeOf(starts) + sizeOf(things),
  )
}

/** Sorts rows by the places of their samples, and leaves out those that stand there already. */
async function gather(all: Int32Array, ids: Int32Array, values: Int32Array): Promise<SeveralColumn> {
  const placeOf = indexOf(all)
  const known = distinct(values)
  const thingOf = indexOf(known)
  const next = new Int32Array(all.length + 1)
  for (let i = 0; i < ids.length; i++) {
    const place = placeOf(ids[i]!)
    // From now on the row's place stands where its id was.
    ids[i] = place
    if (place >= 0) next[place + 1]!++
  }
  await setImmediate()
  for (let place = 0; place < all.length; place++) next[place + 1]! += next[place]!
  const starts = next.slice()
  const length = next[all.length]!
  const things = known.length <= 65_536 ? new Uint16Array(length) : new Int32Array(length)
  for (let i = 0; i < ids.length; i++) if (ids[i]! >= 0) things[next[ids[i]!]!++] = thingOf(values[i]!)
  await setImmediate()
  let end = 0
  for (let place = 0; place < all.length; place++) {
    const from = starts[place]!
    const to = starts[place + 1]!
    const first = end
    starts[place] = first
    for (let i = from; i < to; i++) {
      let same = first
      while (same < end && things[same] !== things[i]) same++
      if (same === end) things[end++] = things[i]!
    }
  }
  starts[all.length] = end
  return { starts, things: things.slice(0, end), values: known }
}

/** Each value once, rising. */
function distinct(values: Int32Array): Int32Array {
  const found = new Set<number>()
  let last = Number.NaN
  for (let i = 0; i < values.length; i++) if (values[i] !== last) found.add((last = values[i]!))
  return Int32Array.from(found).sort()
}

async function readOne(db: Reading, text: string, where?: SqlFragment): Promise<Int32Array> {
  const [ids] = await db.numbers(text, where?.values)
  return ids as Int32Array
}

/** Tables lie in the order of their ids nearly always. */
function sorted(ids: Int32Array): Int32Array {
  for (let i = 1; i < ids.length; i++) if (ids[i]! < ids[i - 1]!) return ids.sort()
  return ids
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Finds the place of an id among rising ones; −1 where it is not there. */
function indexOf(ids: Int32Array): (id: number) => number {
  const low = ids[0] ?? 0
  const span = (ids.at(-1) ?? 0) - low + 1
  // Without gaps the place is the id itself.
  if (span === ids.length) return (id) => (id >= low && id - low < span ? id - low : -1)
  if (span > ids.length * 16 + 1_000_000) {
    const places = new Map<number, number>()
    ids.forEach((id, place) => places.set(id, place))
    return (id) => places.get(id) ?? -1
  }
  const places = new Int32Array(span).fill(-1)
  ids.forEach((id, place) => (places[id - low] = place))
  return (id) => (id >= low && id - low < span ? places[id - low]! : -1)
}

function compareNames(a: string | boolean, b: string | boolean): number {
  if (typeof a === 'boolean' || typeof b === 'boolean') return Number(a) - Number(b)
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const sizeOf = ({ byteLength }: ArrayBufferView): number => byteLength
