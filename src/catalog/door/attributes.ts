import type { Attributes } from '#contract'
import type { Writing } from '../database.ts'
import type { DatasetState } from '../state.ts'
import { schemaName } from '../tables.ts'
import type { ChangeStep } from '../types.ts'
import { noteAttributes, retire } from './labels.ts'

type Patches = Parameters<ChangeStep['setAttributes']>[0]

/**
 * Puts labels with other attributes in the place of those with the same ids, and leaves in the temporary table `patched` which ones.
 * Answers how many.
 */
export async function patchAttributes(
  place: { tx: Writing; change: number; datasetId: number; state: DatasetState },
  rows: Patches,
): Promise<number> {
  const { tx, change, datasetId, state } = place
  if (rows.length === 0) return 0
  const table = `${schemaName(datasetId)}.labels`
  const patches = new Map(rows.map(({ id, attributes }) => [id, attributes]))
  const found = await tx.rows<{ id: number; attributes: string | null }>(
    `SELECT id, attributes FROM ${table} WHERE live AND id IN (SELECT unnest(from_json($1, '["BIGINT"]')))`,
    [JSON.stringify([...patches.keys()])],
  )
  const differing = found.flatMap(({ id, attributes }) => {
    const after = applyPatch(attributes === null ? {} : (JSON.parse(attributes) as Attributes), patches.get(id)!)
    return after === undefined ? [] : [{ id, attributes: after }]
  })
  if (differing.length === 0) return 0
  await noteAttributes(tx, datasetId, state, differing)
  const texts = differing.map(({ id, attributes }) => ({
    i: id,
    a: Object.keys(attributes).length === 0 ? null : JSON.stringify(attributes),
  }))
  await tx.run(
    `CREATE OR REPLACE TEMP TABLE patched AS
     SELECT l.* REPLACE (u.r.a AS attributes, CAST($2 AS BIGINT) AS added, CAST(NULL AS BIGINT) AS removed)
     FROM (SELECT unnest(from_json($1, '[{"i":"BIGINT","a":"VARCHAR"}]')) AS r) u JOIN ${table} l ON l.id = u.r.i WHERE l.live`,
    [JSON.stringify(texts), change],
  )
  await retire(tx, change, datasetId, 'labels', 'id IN (SELECT id FROM temp.patched)')
  return tx.run(`INSERT INTO ${table} SELECT * FROM temp.patched`)
}

/** Undefined where nothing is different. */
function applyPatch(own: Attributes, patch: Patches[number]['attributes']): Attributes | undefined {
  const changes = Object.entries(patch).filter(([name, value]) => (own[name] ?? null) !== value)
  if (changes.length === 0) return undefined
  const after = { ...own, ...Object.fromEntries(changes) }
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null)) as Attributes
}
