import type { Reading } from '../database.ts'
import type { SamplePair } from '../types.ts'
import type { ScopedSql } from './quality-scope.ts'

/** See `QualityPort.copies`. The first of its kind is no copy. */
export async function findCopies(
  db: Reading,
  { schema, from, values }: ScopedSql,
  hash: 'md5' | 'phash',
  limit: number,
): Promise<{ looked: number; found: number; pairs: SamplePair[] }> {
  const groups = `SELECT s.${hash} AS h, min(s.id) AS f, count(*) AS n FROM ${from} WHERE s.${hash} IS NOT NULL GROUP BY 1`
  const { looked, found } = await db.row<{ looked: number; found: number }>(
    `SELECT coalesce(sum(n), 0)::BIGINT AS looked, coalesce(sum(n - 1), 0)::BIGINT AS found FROM (${groups})`,
    values,
  )
  if (found === 0) return { looked, found, pairs: [] }
  const pairs = await db.rows<SamplePair>(
    `WITH g AS MATERIALIZED (${groups} HAVING count(*) > 1)
     SELECT t.id, t.path, t.f AS "otherId", o.path AS "otherPath" FROM
       (SELECT s.id, s.path, g.f, g.n FROM ${from} JOIN g ON g.h = s.${hash} WHERE s.id <> g.f
        ORDER BY g.n DESC, g.f, s.id LIMIT ${limit}) t
     JOIN ${schema.tables.samples} o ON o.id = t.f ORDER BY t.n DESC, t.f, t.id`,
    values,
  )
  return { looked, found, pairs }
}

/** See `QualityPort.sharedHashes`. */
export async function findSharedHashes(
  db: Reading,
  { schema, from, values }: ScopedSql,
  hash: 'md5' | 'phash',
  limit: number,
): Promise<{
  looked: number
  splits: number
  found: number
  pairs: (SamplePair & { split: string; otherSplit: string })[]
}> {
  const firsts = `SELECT s.${hash} AS h, s.split, min(s.id) AS f, count(*) AS n FROM ${from}
    WHERE s.${hash} IS NOT NULL AND s.split IS NOT NULL GROUP BY 1, 2`
  const { looked, splits, found } = await db.row<{ looked: number; splits: number; found: number }>(
    `WITH m AS MATERIALIZED (${firsts})
     SELECT coalesce(sum(n), 0)::BIGINT AS looked, count(DISTINCT split) AS splits,
       (SELECT coalesce(sum(c), 0)::BIGINT FROM (SELECT sum(n) AS c FROM m GROUP BY h HAVING count(*) > 1)) AS found FROM m`,
    values,
  )
  if (found === 0) return { looked, splits, found, pairs: [] }
  const pairs = await db.rows<SamplePair & { split: string; otherSplit: string }>(
    `WITH m AS MATERIALIZED (SELECT * FROM (${firsts}) QUALIFY count(*) OVER (PARTITION BY h) > 1)
     SELECT t.a AS id, p.path, t.b AS "otherId", o.path AS "otherPath", t.split, t.other AS "otherSplit" FROM
       (SELECT a.f AS a, b.f AS b, a.split, b.split AS other FROM m a JOIN m b ON a.h = b.h AND a.split < b.split
        ORDER BY a.f, b.f LIMIT ${limit}) t
     JOIN ${schema.tables.samples} p ON p.id = t.a JOIN ${schema.tables.samples} o ON o.id = t.b ORDER BY t.a, t.b`,
    values,
  )
  return { looked, splits, found, pairs }
}
