import { availableParallelism } from 'node:os'
import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api'
import { FoveaError } from '#base'
import type { SqlValue } from '#query'

/** Rows as plain objects: BIGINT as number, TIMESTAMP as ISO text, BLOB as bytes. */
export type Row = Record<string, unknown>

export type NumberColumn = Int32Array | Float32Array | Float64Array

export interface Reading {
  rows<T = Row>(sql: string, values?: readonly SqlValue[]): Promise<T[]>
  /** The first row. Throws INTERNAL when there is none. */
  row<T = Row>(sql: string, values?: readonly SqlValue[]): Promise<T>
  /** The same values column by column: less to hold for many rows. */
  columns(sql: string, values?: readonly SqlValue[]): Promise<unknown[][]>
  /** Columns of type INTEGER, FLOAT and DOUBLE as plain arrays of numbers, for a million rows in some milliseconds. NULL is 0. */
  numbers(sql: string, values?: readonly SqlValue[]): Promise<NumberColumn[]>
}

/** The one writer, inside its transaction. */
export interface Writing extends Reading {
  /** Runs a statement and answers how many rows it touched. */
  run(sql: string, values?: readonly SqlValue[]): Promise<number>
  /** Appends rows in the order of the table's columns. */
  append(schema: string, table: string, rows: Iterable<readonly AppendValue[]>): Promise<void>
}

export type AppendValue = string | number | bigint | boolean | Uint8Array | null

/** Reads at one moment: what others write meanwhile is not seen. */
export interface Snapshot extends Reading {
  /** Runs a `COPY … TO` and answers how many rows it wrote. Throws STORAGE_FULL. */
  copy(sql: string): Promise<number>
}

export interface Database extends Reading {
  /** Runs work at one moment of the data, on a connection of its own. */
  snapshot<T>(work: (tx: Snapshot) => Promise<T>): Promise<T>
  /** Runs work in one transaction on the only writing connection; others wait their turn. */
  write<T>(work: (tx: Writing) => Promise<T>): Promise<T>
  /** A connection for tables in memory that nothing else writes, in the attached database `scratch`. */
  scratch(): Promise<DuckDBConnection>
  close(): Promise<void>
}

export interface DatabaseOptions {
  file: string
  memoryLimitMb: number
  threads?: number | undefined
}

/** Opens or makes a DuckDB file. Throws WORKSPACE_BUSY when another process has it open. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const instance = await openInstance(options)
  const writer = await instance.connect()
  // Readers are kept and handed out again; each runs one statement at a time.
  const idle: DuckDBConnection[] = []
  let queue: Promise<unknown> = Promise.resolve()

  const withReader = async <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    const connection = idle.pop() ?? (await instance.connect())
    try {
      return await work(connection)
    } finally {
      idle.push(connection)
    }
  }
  const reading: Reading = {
    rows: (sql, values) => withReader((connection) => selectRows(connection, sql, values)),
    row: async <T>(sql: string, values?: readonly SqlValue[]) =>
      firstRow(await withReader((connection) => selectRows<T>(connection, sql, values))),
    columns: (sql, values) => withReader((connection) => selectColumns(connection, sql, values)),
    numbers: (sql, values) => withReader((connection) => selectNumbers(connection, sql, values)),
  }
  let scratch: Promise<DuckDBConnection> | undefined
  return {
    ...reading,
    snapshot: (work) => atOneMoment(instance, work),
    scratch() {
      return (scratch ??= instance.connect().then(async (connection) => {
        await connection.run(`ATTACH ':memory:' AS scratch`)
        return connection
      }))
    },
    write<T>(work: (tx: Writing) => Promise<T>): Promise<T> {
      const turn = queue.then(() => inTransaction(writer, work))
      queue = turn.catch(() => {})
      return turn
    },
    async close() {
      await queue
      for (const connection of idle) connection.closeSync()
      ;(await scratch)?.closeSync()
      // Leaves everything in the one file; what a crash leaves in the log is replayed at the next start.
      await writer.run('CHECKPOINT').catch(() => {})
      writer.closeSync()
      instance.closeSync()
    },
  }
}

/**
 * Counting labels by sample groups them by ids that lie close together. Up to a range of 2 to the power of this DuckDB does so in an
 * array in place of a hash table, in half the time; each thread has one of some 9 to 64 bytes a place, eight million places in all.
 */
function groupBits(threads: number): number {
  return Math.max(12, Math.min(22, 23 - Math.ceil(Math.log2(threads))))
}

async function openInstance({ file, memoryLimitMb, threads }: DatabaseOptions): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(file, {
      memory_limit: `${memoryLimitMb}MB`,
      // Nothing is fetched: all that is needed is compiled in.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'true',
      checkpoint_threshold: '64MB',
      perfect_ht_threshold: String(groupBits(threads ?? availableParallelism())),
      ...(threads === undefined ? {} : { threads: String(threads) }),
    })
  } catch (error) {
    throw readOpenFault(file, error)
  }
}

/** What it means that the database's file cannot be opened, by the words of DuckDB. */
export function readOpenFault(file: string, cause: unknown): FoveaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (/lock/i.test(reason))
    return new FoveaError('WORKSPACE_BUSY', 'Another process has this workspace open.', {
      hint: 'Wait for it to end, or start `fovea up` and let all commands go through the server.',
      cause,
    })
  if (/permission denied|read-only file system/i.test(reason))
    return new FoveaError(
      'STORAGE_DENIED',
      `The catalogue ${file} cannot be opened: this account may not read and write it.`,
      {
        hint: 'Run fovea as the account that the workspace belongs to (in a container: --user "$(id -u):$(id -g)"), or mend the permissions.',
        cause,
      },
    )
  return new FoveaError('INTERNAL', `The catalogue ${file} cannot be opened: ${reason}`, {
    hint: 'If the disk is full or the file was damaged, restore it from a backup; media files are not touched.',
    cause,
  })
}

async function atOneMoment<T>(instance: DuckDBInstance, work: (tx: Snapshot) => Promise<T>): Promise<T> {
  const connection = await instance.connect()
  try {
    await connection.run('BEGIN TRANSACTION')
    return await work({
      ...readingOn(connection),
      async copy(sql) {
        try {
          return (await connection.run(sql)).rowsChanged
        } catch (error) {
          if (!/no space left|disk quota/i.test(String(error))) throw error
          throw new FoveaError('STORAGE_FULL', 'A version cannot be written: there is no space left.', {
            hint: 'Make room on the disk, and run the same command again.',
            cause: error,
          })
        }
      },
    })
  } finally {
    await connection.run('ROLLBACK').catch(() => {})
    connection.closeSync()
  }
}

/** All on one connection, statement by statement. */
const readingOn = (connection: DuckDBConnection): Reading => ({
  rows: (sql, values) => selectRows(connection, sql, values),
  row: async <T>(sql: string, values?: readonly SqlValue[]) => firstRow(await selectRows<T>(connection, sql, values)),
  columns: (sql, values) => selectColumns(connection, sql, values),
  numbers: (sql, values) => selectNumbers(connection, sql, values),
})

async function inTransaction<T>(connection: DuckDBConnection, work: (tx: Writing) => Promise<T>): Promise<T> {
  await connection.run('BEGIN TRANSACTION')
  try {
    const result = await work({
      ...readingOn(connection),
      run: async (sql, values) => (await connection.run(sql, toValues(values))).rowsChanged,
      append: (schema, table, rows) => appendRows(connection, schema, table, rows),
    })
    await connection.run('COMMIT')
    return result
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {})
    throw error
  }
}

async function selectRows<T>(connection: DuckDBConnection, sql: string, values?: readonly SqlValue[]): Promise<T[]> {
  const reader = await connection.runAndReadAll(sql, toValues(values))
  const names = reader.deduplicatedColumnNames()
  return reader.getRows().map((row) => Object.fromEntries(names.map((name, i) => [name, fromDatabase(row[i]!)]))) as T[]
}

async function selectColumns(
  connection: DuckDBConnection,
  sql: string,
  values?: readonly SqlValue[],
): Promise<unknown[][]> {
  const reader = await connection.runAndReadAll(sql, toValues(values))
  const columns = reader.getColumns()
  // A result without rows has no columns there.
  return Array.from({ length: reader.columnCount }, (_, i) => (columns[i] ?? []).map(fromDatabase))
}

const numberArrays: Readonly<Record<string, new (length: number) => NumberColumn>> = {
  INTEGER: Int32Array,
  FLOAT: Float32Array,
  DOUBLE: Float64Array,
}

async function selectNumbers(
  connection: DuckDBConnection,
  sql: string,
  values?: readonly SqlValue[],
): Promise<NumberColumn[]> {
  const result = await connection.run(sql, toValues(values))
  const arrays = result.columnTypes().map((type) => {
    const array = numberArrays[String(type)]
    if (array === undefined)
      throw new FoveaError('INTERNAL', `Expected columns of INTEGER, FLOAT or DOUBLE, got ${String(type)}.`)
    return array
  })
  const parts: NumberColumn[][] = arrays.map(() => [])
  for await (const chunk of result) {
    arrays.forEach((_, i) => {
      // The values behind a vector belong to the chunk, which is gone with the next one.
      const { items } = chunk.getColumnVector(i) as unknown as { items: NumberColumn }
      parts[i]!.push(items.slice(0, chunk.rowCount))
    })
  }
  return parts.map((list, i) => {
    const length = list.reduce((sum, part) => sum + part.length, 0)
    const all = new arrays[i]!(length)
    let at = 0
    for (const part of list) {
      all.set(part, at)
      at += part.length
    }
    return all
  })
}

function firstRow<T>(rows: readonly T[]): T {
  if (rows.length === 0) throw new FoveaError('INTERNAL', 'Expected a row from the catalogue, got none.')
  return rows[0]!
}

function toValues(values: readonly SqlValue[] | undefined): DuckDBValue[] | undefined {
  return values === undefined || values.length === 0 ? undefined : [...values]
}

/** DuckDB's values in plain JavaScript. Integers beyond 2^53 stay bigint. */
function fromDatabase(value: DuckDBValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (value === null || typeof value !== 'object') return value
  if ('micros' in value) return new Date(Number(value.micros / 1000n)).toISOString()
  if ('bytes' in value) return value.bytes
  if ('items' in value) return value.items.map(fromDatabase)
  if ('entries' in value && !Array.isArray(value.entries)) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, fromDatabase(item)]))
  }
  if ('toDouble' in value) return (value as { toDouble(): number }).toDouble()
  return String(value)
}

async function appendRows(
  connection: DuckDBConnection,
  schema: string,
  table: string,
  rows: Iterable<readonly AppendValue[]>,
): Promise<void> {
  const appender = await connection.createAppender(table, schema)
  try {
    const types = Array.from({ length: appender.columnCount }, (_, i) => String(appender.columnType(i)))
    for (const row of rows) {
      for (let i = 0; i < types.length; i++) {
        const value = row[i]
        if (value === null || value === undefined) appender.appendNull()
        else if (typeof value === 'string') appender.appendVarchar(value)
        else if (typeof value === 'boolean') appender.appendBoolean(value)
        else if (typeof value === 'object') appender.appendBlob(value)
        else appendNumber(appender, types[i]!, value)
      }
      appender.endRow()
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}

function appendNumber(
  appender: Awaited<ReturnType<DuckDBConnection['createAppender']>>,
  type: string,
  value: number | bigint,
): void {
  switch (type) {
    case 'DOUBLE':
      return appender.appendDouble(Number(value))
    case 'BIGINT':
      return appender.appendBigInt(BigInt(value))
    case 'UBIGINT':
      return appender.appendUBigInt(BigInt(value))
    case 'INTEGER':
      return appender.appendInteger(Number(value))
    case 'UTINYINT':
      return appender.appendUTinyInt(Number(value))
    default:
      throw new FoveaError('INTERNAL', `No number can be appended to a column of type ${type}.`)
  }
}
