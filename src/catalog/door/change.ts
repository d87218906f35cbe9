import type { Clock } from '#base'
import type { QuerySchema } from '#query'
import type { Database, Writing } from '../database.ts'
import { loadState, openCounters, type Counters, type DatasetState } from '../state.ts'
import type { Change, ChangeMeta, ChangeStep, DatasetRef, Selection } from '../types.ts'
import { createStep } from './step.ts'

export interface DoorDeps {
  db: Database
  clock: Clock
  /** Dictionary of a dataset for queries, as the transaction sees it. */
  schemaIn(tx: Writing, dataset: DatasetRef, selection: Selection): Promise<QuerySchema>
  /** Called after every write. */
  onWrite(datasetId: number): void
}

export interface EntryStart {
  actor: string
  operation: string
  datasetId: number
  summary: string
}

/** Writes the history entry of a change that begins. Answers its number. */
export async function startEntry(tx: Writing, counters: Counters, start: EntryStart, now: string): Promise<number> {
  const id = counters.take('change')
  await tx.run(`INSERT INTO changes VALUES ($1, $2, $3, $4, $5, $6, 0, 'open', NULL, NULL)`, [
    id,
    now,
    start.actor,
    start.operation,
    start.datasetId,
    start.summary,
  ])
  return id
}

/** Opens a change of a dataset. The entry in the history begins with the first step that changed something. */
export function openChange(deps: DoorDeps, meta: ChangeMeta): Change {
  const { db, clock } = deps
  const { dataset } = meta
  let id: number | null = null
  return {
    get id() {
      return id === null ? null : `c_${id}`
    },
    async step<T>(work: (step: ChangeStep) => Promise<T>): Promise<T> {
      const now = new Date(clock.now()).toISOString()
      const done = await db.write(async (tx) => {
        const counters = await openCounters(tx)
        const summary = `${meta.operation} in progress`
        const entry = id ?? (await startEntry(tx, counters, { ...meta, datasetId: dataset.id, summary }, now))
        const state: DatasetState = await loadState(tx, dataset)
        const step = createStep({
          tx,
          dataset,
          change: entry,
          counters,
          state,
          now,
          schema: (selection) => deps.schemaIn(tx, dataset, selection),
        })
        const result = await work(step)
        if (step.changed === 0 && id === null) {
          // Nothing happened: no entry. Names that were only declared stay.
          await tx.run('DELETE FROM changes WHERE id = $1', [entry])
          await counters.save()
          return { result, entry: null }
        }
        await tx.run('UPDATE changes SET changed = changed + $2 WHERE id = $1', [entry, step.changed])
        if (step.changed > 0) await tx.run('UPDATE datasets SET updated_at = $2 WHERE id = $1', [dataset.id, now])
        await counters.save()
        return { result, entry }
      })
      id = done.entry
      deps.onWrite(dataset.id)
      return done.result
    },
    async close(summary) {
      if (id === null) return
      const entry = id
      await db.write((tx) =>
        tx.run(`UPDATE changes SET state = 'applied', summary = $2 WHERE id = $1`, [entry, summary]),
      )
    },
  }
}
