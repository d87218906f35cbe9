import type { Writing } from '../database.ts'
import type { ThingKind } from '../state.ts'
import { quote, schemaName } from '../tables.ts'

export interface Thing {
  datasetId: number
  kind: ThingKind
  key: string
}

/** Sets (or with null, removes) a thing and journals it. Answers whether anything changed. */
export async function setThing(tx: Writing, change: number, thing: Thing, value: object | null): Promise<boolean> {
  const key = [thing.datasetId, thing.kind, thing.key]
  const found = await tx.rows<{ value: string }>(
    'SELECT value FROM things WHERE dataset_id = $1 AND kind = $2 AND key = $3',
    key,
  )
  const before = found[0]?.value ?? null
  const after = value === null ? null : JSON.stringify(value)
  if (before === after) return false
  const { seq } = await tx.row<{ seq: number }>('SELECT count(*) AS seq FROM thing_journal WHERE change = $1', [change])
  await tx.run('INSERT INTO thing_journal VALUES ($1, $2, $3, $4, $5, $6, $7)', [change, seq, ...key, before, after])
  await putThing(tx, change, thing, before, after)
  return true
}

/** Puts a thing into a state, with what hangs on it: a dataset's visibility, a field's column. */
export async function putThing(
  tx: Writing,
  change: number,
  thing: Thing,
  from: string | null,
  to: string | null,
): Promise<void> {
  const key = [thing.datasetId, thing.kind, thing.key]
  if (to === null) await tx.run('DELETE FROM things WHERE dataset_id = $1 AND kind = $2 AND key = $3', key)
  else if (from === null) await tx.run('INSERT INTO things VALUES ($1, $2, $3, $4)', [...key, to])
  else await tx.run('UPDATE things SET value = $4 WHERE dataset_id = $1 AND kind = $2 AND key = $3', [...key, to])

  if (thing.kind === 'dataset') {
    await tx.run('UPDATE datasets SET live = $2 WHERE id = $1', [thing.datasetId, to !== null])
  }
  if (thing.kind === 'field' && (from === null) !== (to === null)) await moveColumn(tx, change, thing, to !== null)
}

/** The column of a removed field steps aside under the name of the change, so that undo finds its values. */
async function moveColumn(tx: Writing, change: number, { datasetId, key }: Thing, back: boolean): Promise<void> {
  const table = `${schemaName(datasetId)}.samples`
  const aside = `${key}~c${change}`
  const columns = await tx.rows<{ name: string }>(
    "SELECT column_name AS name FROM duckdb_columns() WHERE schema_name = $1 AND table_name = 'samples'",
    [schemaName(datasetId)],
  )
  const has = (name: string): boolean => columns.some((column) => column.name === name)
  if (back && has(aside)) await tx.run(`ALTER TABLE ${table} RENAME COLUMN ${quote(aside)} TO ${quote(key)}`)
  if (!back && has(key)) await tx.run(`ALTER TABLE ${table} RENAME COLUMN ${quote(key)} TO ${quote(aside)}`)
}
