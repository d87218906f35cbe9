import { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, type DuckDBConnection } from '@duckdb/node-api'
import type { QuerySchema, ScoreCall } from '#query'
import { listScoreCalls } from '#query'
import type { DatasetRef, ScoreSource, Selection } from './types.ts'

/** Tables that are kept; the one used longest ago goes first. */
const keptTables = 24
const rowsPerChunk = 2_048

export interface ScoreTables {
  use(source: ScoreSource): void
  /** The schema with an answer to every `similar(…)` and `text(…)` of the selection. Throws as the source does. */
  prepare(dataset: DatasetRef, schema: QuerySchema, selection: Selection): Promise<QuerySchema>
}

/**
 * Scores of samples as tables in memory, made when a query first asks and kept as long as nothing they depend on has changed.
 * `connection` is theirs alone; the tables lie in the attached database `scratch`.
 */
export function createScoreTables(connection: () => Promise<DuckDBConnection>): ScoreTables {
  let source: ScoreSource | undefined
  let made = 0
  const tables = new Map<string, Promise<string>>()
  let queue: Promise<unknown> = Promise.resolve()

  const write = async (load: Awaited<ReturnType<ScoreSource>>['load']): Promise<string> => {
    const { ids, scores, hits } = await load()
    const turn = queue.then(async () => {
      const db = await connection()
      const name = `k${++made}`
      await db.run(`CREATE TABLE scratch.main.${name} (id BIGINT, score DOUBLE, hit BOOLEAN)`)
      const appender = await db.createAppender(name, 'main', 'scratch')
      try {
        for (let from = 0; from < ids.length; from += rowsPerChunk) {
          const to = Math.min(ids.length, from + rowsPerChunk)
          const chunk = DuckDBDataChunk.create([BIGINT, DOUBLE, BOOLEAN], to - from)
          chunk.setColumnValues(0, Array.from(ids.subarray(from, to), BigInt))
          chunk.setColumnValues(1, Array.from(scores.subarray(from, to)))
          chunk.setColumnValues(
            2,
            Array.from(hits.subarray(from, to), (hit) => hit === 1),
          )
          appender.appendDataChunk(chunk)
        }
        appender.flushSync()
      } finally {
        appender.closeSync()
      }
      return `scratch.main.${name}`
    })
    queue = turn.catch(() => {})
    return turn
  }

  const drop = (table: Promise<string>): void => {
    queue = queue.then(async () => (await connection()).run(`DROP TABLE IF EXISTS ${await table}`)).catch(() => {})
  }

  const tableFor = async (dataset: DatasetRef, call: ScoreCall): Promise<string> => {
    const { key, load } = await source!(dataset, call)
    const full = JSON.stringify([dataset.id, key])
    const table = tables.get(full) ?? write(load)
    tables.delete(full)
    tables.set(full, table)
    table.catch(() => tables.delete(full))
    if (tables.size > keptTables) {
      const [[oldest, gone]] = tables as unknown as [[string, Promise<string>]]
      tables.delete(oldest)
      drop(gone)
    }
    return table
  }

  return {
    use(given) {
      source = given
    },
    async prepare(dataset, schema, selection) {
      if (source === undefined || 'ids' in selection) return schema
      const calls = listScoreCalls(selection.query, schema)
      if (calls.length === 0) return schema
      const names = new Map<string, string>()
      for (const call of calls) names.set(`${call.name} ${call.argument}`, await tableFor(dataset, call))
      return { ...schema, scores: ({ name, argument }) => names.get(`${name} ${argument}`)! }
    },
  }
}
