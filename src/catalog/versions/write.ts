import { join } from 'node:path'
import { FoveaError, throwIfAborted, type CallContext } from '#base'
import type { Database, Reading } from '../database.ts'
import { readCard } from '../read/details.ts'
import { loadState } from '../state.ts'
import { live } from '../tables.ts'
import type { DatasetRef } from '../types.ts'
import { chunkSamples, describeTable, literal, sampleColumn } from './layout.ts'
import { versionTables, type WrittenState } from './types.ts'

/** Settings of the writer: with them, DuckDB writes the same bytes for the same rows, on however many threads. */
const writerSettings = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880'

/** See `VersionPort.write`. */
export function writeState(
  db: Database,
  dataset: DatasetRef,
  folder: string,
  { signal, progress }: Pick<CallContext, 'signal' | 'progress'>,
): Promise<WrittenState> {
  return db.snapshot(async (tx) => {
    await refuseRunningChange(tx, dataset)
    const [state, card] = [await loadState(tx, dataset), await readCard(tx, dataset)]
    const { change } = await tx.row<{ change: number }>(
      `SELECT coalesce(max(id), 0) AS change FROM changes WHERE dataset_id = $1 AND state <> 'undone'`,
      [dataset.id],
    )
    const plan: { table: (typeof versionTables)[number]; chunk: number }[] = []
    for (const table of versionTables) {
      const found = await tx.rows<{ chunk: number }>(
        `SELECT DISTINCT ${sampleColumn[table]} // ${chunkSamples} AS chunk FROM ${live(dataset.id, table)} ORDER BY chunk`,
      )
      // An empty table still has a file, which says what its columns are.
      for (const { chunk } of found.length === 0 ? [{ chunk: 0 }] : found) plan.push({ table, chunk })
    }
    const rows = { samples: 0, labels: 0, tags: 0 }
    const chunks: WrittenState['chunks'][number][] = []
    for (const { table, chunk } of plan) {
      throwIfAborted(signal)
      progress.report({ stage: 'write', done: chunks.length, total: plan.length, unit: 'files' })
      const file = join(folder, `${table}-${chunk}.parquet`)
      const { columns, order } = describeTable(table, state)
      const among = `${sampleColumn[table]} >= ${chunk * chunkSamples} AND ${sampleColumn[table]} < ${(chunk + 1) * chunkSamples}`
      const written = await tx.copy(
        `COPY (SELECT ${columns} FROM ${live(dataset.id, table)} WHERE ${among} ORDER BY ${order}) TO ${literal(file)} (${writerSettings})`,
      )
      rows[table] += written
      chunks.push({ table, chunk, file, rows: written })
    }
    return { change, ...rows, dictionary: { state, card }, chunks }
  })
}

/** Half of an import is nothing to keep. */
async function refuseRunningChange(tx: Reading, dataset: DatasetRef): Promise<void> {
  const [open] = await tx.rows<{ id: number; operation: string }>(
    `SELECT id, operation FROM changes WHERE dataset_id = $1 AND state = 'open' ORDER BY id LIMIT 1`,
    [dataset.id],
  )
  if (open === undefined) return
  throw new FoveaError(
    'DATASET_BUSY',
    `${dataset.name} is being changed by ${open.operation} (c_${open.id}); a version would hold half of it.`,
    { hint: 'Commit when it is done, or cancel it: fovea jobs' },
  )
}
