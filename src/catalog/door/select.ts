import { compileQuery, type QuerySchema, type SqlFragment } from '#query'
import type { Writing } from '../database.ts'
import { live } from '../tables.ts'
import type { Selection } from '../types.ts'

/** Where and order of a selection over the live samples under alias `s`. */
export interface SelectedSql {
  where: SqlFragment
  /** `ORDER BY … LIMIT …`, or empty. */
  tail: string
  limit: number | null
}

/** Throws QUERY_INVALID, QUERY_NEEDS_EMBEDDINGS. */
export function compileSelection(selection: Selection, schema: QuerySchema): SelectedSql {
  if ('ids' in selection) {
    // One JSON text instead of a placeholder an id.
    const where = {
      text: `s.id IN (SELECT unnest(from_json($1, '["BIGINT"]')))`,
      values: [JSON.stringify(selection.ids)],
    }
    return { where, tail: 'ORDER BY s.id', limit: null }
  }
  const { where, orderBy, limit } = compileQuery(selection.query, schema)
  const order = `ORDER BY ${orderBy === null ? '' : `${orderBy}, `}s.id`
  return { where, tail: limit === null ? order : `${order} LIMIT ${limit}`, limit }
}

/** Puts the ids of a selection into the temporary table `chosen` and answers how many there are. */
export async function chooseSamples(
  tx: Writing,
  datasetId: number,
  selection: Selection,
  schema: (selection: Selection) => Promise<QuerySchema>,
): Promise<number> {
  const { where, tail, limit } = compileSelection(selection, 'ids' in selection ? noSchema : await schema(selection))
  const from = `SELECT s.id FROM ${live(datasetId, 'samples')} s WHERE ${where.text} ${limit === null ? '' : tail}`
  await tx.run(`CREATE OR REPLACE TEMP TABLE chosen AS ${from}`, where.values)
  return (await tx.row<{ n: number }>('SELECT count(*) AS n FROM chosen')).n
}

/** Ids need no dictionary. */
const noSchema: QuerySchema = {
  tables: { samples: '', labels: '', tags: '' },
  fields: [],
  classes: [],
  layers: [],
  tags: [],
  slices: [],
  attributes: [],
  defaultLayer: 'truth',
}
