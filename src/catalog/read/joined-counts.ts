import { labelKinds } from '#contract'
import type { QuerySchema, SqlValue } from '#query'
import type { Reading } from '../database.ts'

/** Things a sample can have several of. */
export type JoinedName = 'class' | 'kind' | 'layer' | 'tag' | 'folder'
export const joinedNames: readonly JoinedName[] = ['class', 'kind', 'layer', 'tag', 'folder']
export const isJoined = (name: string): name is JoinedName => (joinedNames as readonly string[]).includes(name)

interface JoinedCounts {
  /** Samples that have any. */
  present: number
  /** Most frequent first; a sample counts once for each of its values. */
  values: { value: string; count: number }[]
}

interface Join {
  /** A statement for rows of sample_id and value, also repeated ones; it ends in its WHERE. */
  from: string
  /** What the values are, where they are ids. */
  ids: readonly number[] | null
  nameOf(value: number | string): string
}

/**
 * Samples by the values of something they can have several of. `chosen` selects the ids that count, with the parameters
 * `values`; null for all samples.
 */
export async function readJoined(
  db: Reading,
  schema: QuerySchema,
  name: JoinedName,
  chosen: { text: string; values: readonly SqlValue[] } | null,
): Promise<JoinedCounts> {
  const { from, ids, nameOf } = joinOf(schema, name)
  // Inside, as sorting out repeated rows costs far more than reading them.
  const rowsOf = chosen === null ? from : `${from} AND sample_id IN (${chosen.text})`
  const low = Math.min(...(ids ?? []))
  const width = Math.max(...(ids ?? [])) - low + 1
  const isPacked = ids !== null && ids.length > 0 && width <= bits
  const rows = await db.rows<{ value: number | string; n: number; present: number }>(
    isPacked ? countPacked(rowsOf, low, width) : countDistinct(rowsOf),
    chosen?.values,
  )
  return {
    present: rows[0]?.present ?? 0,
    values: rows.map(({ value, n }) => ({ value: nameOf(value), count: n })),
  }
}

/** Of a BIGINT without its sign. */
const bits = 63

/** Values of a sample as bits of one number, so that samples are sorted once and not by every value. */
function countPacked(rowsOf: string, low: number, width: number): string {
  return `WITH m AS MATERIALIZED (
      SELECT mask, count(*) AS n FROM
        (SELECT sample_id, bit_or(1::BIGINT << (value - ${low})::INTEGER) AS mask FROM (${rowsOf}) GROUP BY 1)
      GROUP BY 1)
    SELECT ${low} + i AS value, sum(n)::BIGINT AS n, (SELECT sum(n) FROM m)::BIGINT AS present
    FROM m, range(0, ${width}) r(i) WHERE (mask >> i::INTEGER) & 1 = 1 GROUP BY 1 ORDER BY n DESC, value`
}

function countDistinct(rowsOf: string): string {
  return `WITH t AS MATERIALIZED (SELECT DISTINCT sample_id, value FROM (${rowsOf}))
    SELECT value, count(*) AS n, (SELECT count(DISTINCT sample_id) FROM t) AS present
    FROM t GROUP BY 1 ORDER BY n DESC, value`
}

function joinOf(schema: QuerySchema, name: JoinedName): Join {
  const { labels, tags, samples } = schema.tables
  const layer = schema.layers.find((one) => one.name === schema.defaultLayer)?.id ?? -1
  switch (name) {
    case 'class':
      return {
        from: `SELECT sample_id, class_id AS value FROM ${labels} WHERE layer_id = ${layer}`,
        ...named(schema.classes),
      }
    case 'kind':
      return {
        from: `SELECT sample_id, kind AS value FROM ${labels} WHERE layer_id = ${layer}`,
        ...named(labelKinds.map((kind, id) => ({ id, name: kind }))),
      }
    case 'layer':
      return { from: `SELECT sample_id, layer_id AS value FROM ${labels} WHERE TRUE`, ...named(schema.layers) }
    case 'tag':
      return { from: `SELECT sample_id, tag_id AS value FROM ${tags} WHERE TRUE`, ...named(schema.tags) }
    case 'folder':
      return {
        from: `SELECT sample_id, value FROM
          (SELECT id AS sample_id, regexp_replace(path, '/?[^/]*$', '') AS value FROM ${samples}) WHERE TRUE`,
        ids: null,
        nameOf: String,
      }
  }
}

function named(list: readonly { id: number; name: string }[]): Pick<Join, 'ids' | 'nameOf'> {
  const names = new Map(list.map(({ id, name }) => [id, name]))
  return { ids: [...names.keys()], nameOf: (id) => names.get(Number(id)) ?? '' }
}
