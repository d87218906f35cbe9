import { builtInFields } from '#contract'
import { compareCodePoints } from '#base'
import type { Reading } from '../database.ts'
import type { DatasetState } from '../state.ts'
import { quote } from '../tables.ts'
import { labelContent } from './layout.ts'
import type { Tally, VersionTable } from './types.ts'

/** Rows of one range of sample ids in one of the two states. */
export interface ChunkSide {
  state: DatasetState
  /** A table expression. */
  rowsOf(table: VersionTable): string
}

/** In id order; every sample that the labels and tags name is among the differences. */
export interface FoundInChunk {
  differences: { id: number; path: string; what: keyof Tally; fields: string[] }[]
  labels: ({ sample: number; layer: number } & Tally)[]
  tags: { sample: number; tag: number; what: 'added' | 'removed' }[]
}

/** What says nothing of the sample itself: its id, and when it was touched last. */
const uncompared: ReadonlySet<string> = new Set(['id', 'updated_at'])

/** Compares the tables named in one range. */
export async function compareChunk(
  db: Reading,
  before: ChunkSide,
  after: ChunkSide,
  tables: readonly VersionTable[],
): Promise<FoundInChunk> {
  const differences = tables.includes('samples') ? await compareSamples(db, before, after) : []
  const labels = tables.includes('labels') ? await compareLabels(db, before, after) : []
  const tags = tables.includes('tags') ? await compareTags(db, before, after) : []
  const known = new Set(differences.map(({ id }) => id))
  const others = [...new Set([...labels, ...tags].map(({ sample }) => sample))].filter((id) => !known.has(id))
  if (others.length > 0) {
    const rows = await db.rows<{ id: number; path: string }>(
      `SELECT id, path FROM ${after.rowsOf('samples')} WHERE id IN (SELECT unnest(from_json($1, '["BIGINT"]')))`,
      [JSON.stringify(others)],
    )
    differences.push(...rows.map((row) => ({ ...row, what: 'changed' as const, fields: [] })))
  }
  return { differences: differences.toSorted((a, b) => a.id - b.id), labels, tags }
}

async function compareSamples(db: Reading, before: ChunkSide, after: ChunkSide): Promise<FoundInChunk['differences']> {
  const [old, now] = [typesOf(before.state), typesOf(after.state)]
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted(compareCodePoints)
  const valueOf = (side: 'a' | 'b', types: ReadonlyMap<string, string>, name: string): string => {
    if (!types.has(name)) return 'NULL'
    const column = `${side}.${quote(name)}`
    // A field that was removed and added again may hold something else.
    return old.has(name) && now.has(name) && old.get(name) !== now.get(name) ? `CAST(${column} AS VARCHAR)` : column
  }
  const tests = names.map((name) => `${valueOf('a', old, name)} IS DISTINCT FROM ${valueOf('b', now, name)}`)
  const isOneShape = names.every((name) => old.get(name) === now.get(name))
  if (isOneShape && (await isEqual(db, before, after, 'samples', ['id', ...names].map(quote)))) return []
  const rows = await db.rows<{ id: number; path: string; what: keyof Tally; changed: boolean[] }>(
    `SELECT coalesce(a.id, b.id) AS id, coalesce(b.path, a.path) AS path,
       CASE WHEN a.id IS NULL THEN 'added' WHEN b.id IS NULL THEN 'removed' ELSE 'changed' END AS what,
       [${tests.join(', ')}] AS changed
     FROM ${before.rowsOf('samples')} a FULL JOIN ${after.rowsOf('samples')} b ON a.id = b.id
     WHERE a.id IS NULL OR b.id IS NULL OR ${tests.join(' OR ')}`,
  )
  return rows.map(({ id, path, what, changed }) => ({
    id,
    path,
    what,
    fields: what === 'changed' ? names.filter((_, i) => changed[i]) : [],
  }))
}

function typesOf({ fields }: DatasetState): Map<string, string> {
  const all = [...builtInFields, ...fields].map(({ name, type }): [string, string] => [name, type])
  return new Map(all.filter(([name]) => !uncompared.has(name)))
}

/**
 * Labels of a sample and layer that are the same but for their ids cancel each other out: importing again gives new ids to labels that nobody
 * changed. Of the others, those with one id were changed, the rest was added or removed.
 */
async function compareLabels(db: Reading, before: ChunkSide, after: ChunkSide): Promise<FoundInChunk['labels']> {
  if (await isEqual(db, before, after, 'labels', ['id', 'sample_id', 'layer_id', ...labelContent])) return []
  const content = labelContent.map((column) => `${column} := ${column}`).join(', ')
  const labelsOf = (side: ChunkSide): string =>
    `(SELECT id, sample_id, layer_id, struct_pack(${content}) AS c FROM ${side.rowsOf('labels')})`
  const place = 'x.sample_id = y.sample_id AND x.layer_id = y.layer_id'
  const same = `${place} AND x.c IS NOT DISTINCT FROM y.c`
  const numbered = (table: string): string =>
    `(SELECT *, row_number() OVER (PARTITION BY sample_id, layer_id, c ORDER BY id) AS n FROM ${table})`
  return db.rows(
    `WITH a AS MATERIALIZED ${labelsOf(before)}, b AS MATERIALIZED ${labelsOf(after)},
       fresh_a AS MATERIALIZED ${numbered(`(SELECT x.* FROM a x ANTI JOIN b y ON x.id = y.id AND ${same})`)},
       fresh_b AS MATERIALIZED ${numbered(`(SELECT x.* FROM b x ANTI JOIN a y ON x.id = y.id AND ${same})`)},
       left_a AS (SELECT x.* FROM fresh_a x ANTI JOIN fresh_b y ON ${same} AND x.n = y.n),
       left_b AS (SELECT x.* FROM fresh_b x ANTI JOIN fresh_a y ON ${same} AND x.n = y.n)
     SELECT coalesce(y.sample_id, x.sample_id) AS sample, coalesce(y.layer_id, x.layer_id) AS layer,
       count(*) FILTER (x.id IS NULL) AS added, count(*) FILTER (y.id IS NULL) AS removed,
       count(*) FILTER (x.id IS NOT NULL AND y.id IS NOT NULL) AS changed
     FROM left_a x FULL JOIN left_b y ON x.id = y.id AND ${place} GROUP BY 1, 2 ORDER BY 1, 2`,
  )
}

/**
 * Whether two tables hold the same rows, by their number and the sum and exclusive or of 64-bit hashes of them: one pass over each, where finding
 * what differs takes joins.
 */
async function isEqual(
  db: Reading,
  before: ChunkSide,
  after: ChunkSide,
  table: VersionTable,
  columns: readonly string[],
): Promise<boolean> {
  const digest = (side: ChunkSide): string =>
    `(SELECT struct_pack(n := count(*), x := bit_xor(h), s := sum(CAST(h AS HUGEINT)))
      FROM (SELECT hash(${columns.join(', ')}) AS h FROM ${side.rowsOf(table)}))`
  const { same } = await db.row<{ same: boolean }>(
    `SELECT ${digest(before)} IS NOT DISTINCT FROM ${digest(after)} AS same`,
  )
  return same
}

function compareTags(db: Reading, before: ChunkSide, after: ChunkSide): Promise<FoundInChunk['tags']> {
  return db.rows(
    `SELECT coalesce(b.sample_id, a.sample_id) AS sample, coalesce(b.tag_id, a.tag_id) AS tag,
       CASE WHEN a.sample_id IS NULL THEN 'added' ELSE 'removed' END AS what
     FROM ${before.rowsOf('tags')} a FULL JOIN ${after.rowsOf('tags')} b ON a.sample_id = b.sample_id AND a.tag_id = b.tag_id
     WHERE a.sample_id IS NULL OR b.sample_id IS NULL ORDER BY 1, 2`,
  )
}
