import type { QuerySchema } from '#query'
import { compareCodePoints } from '#base'
import type { Reading } from '../database.ts'
import { compileSelection } from '../door/select.ts'
import type { Selection } from '../types.ts'

export interface Folder {
  path: string
  depth: number
  count: number
}

/** Folders of a selection with counts of everything below, in path order. The root is the empty path. */
export async function readTree(
  db: Reading,
  schema: QuerySchema,
  selection: Selection,
  depth: number,
): Promise<Folder[]> {
  const { where, tail, limit } = compileSelection(selection, schema)
  const rows = await db.rows<{ folder: string; n: number }>(
    `SELECT regexp_replace(path, '/?[^/]*$', '') AS folder, count(*) AS n FROM
       (SELECT s.path FROM ${schema.tables.samples} s WHERE ${where.text} ${limit === null ? '' : tail}) GROUP BY 1`,
    where.values,
  )
  const counts = new Map<string, number>([['', 0]])
  for (const { folder, n } of rows) {
    const parts = folder === '' ? [] : folder.split('/')
    for (let i = 0; i <= Math.min(parts.length, depth); i++) {
      const path = parts.slice(0, i).join('/')
      counts.set(path, (counts.get(path) ?? 0) + n)
    }
  }
  return [...counts]
    .map(([path, count]) => ({ path, depth: path === '' ? 0 : path.split('/').length, count }))
    .toSorted((a, b) => compareCodePoints(a.path.replaceAll('/', '\u0001'), b.path.replaceAll('/', '\u0001')))
}
