import { FoveaError } from '#base'
import { openDatabase, plainPath, quoteText } from './duckdb.ts'
import type { TableRow, TableSource } from './source.ts'

/** Opens a Parquet file. Throws FORMAT_INVALID when it is none. */
export async function openParquet(file: string): Promise<TableSource> {
  const { path, release } = await plainPath(file)
  const database = await openDatabase()
  try {
    const source = `read_parquet(${quoteText(path)})`
    const columns = (await database.connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)).getRowObjects()
    const counted = (
      await database.connection.runAndReadAll(`SELECT count(*)::DOUBLE AS n FROM ${source}`)
    ).getRowObjects()
    return {
      columns: columns.map((row) => String(row['column_name'])),
      textual: false,
      total: Number(counted[0]?.['n'] ?? 0),
      rows: () => rowsOf(file),
    }
  } catch (error) {
    throw new FoveaError(
      'FORMAT_INVALID',
      `${file} is not a readable Parquet file (${(error as Error).message.split('\n')[0]}).`,
      {
        hint: 'Write the file again, or convert it to CSV.',
        cause: error,
      },
    )
  } finally {
    database.close()
    await release()
  }
}

async function* rowsOf(file: string): AsyncGenerator<TableRow> {
  const { path, release } = await plainPath(file)
  const database = await openDatabase()
  try {
    const result = await database.connection.stream(`SELECT * FROM read_parquet(${quoteText(path)})`)
    let row = 0
    for await (const chunk of result.yieldRowObjectJs()) {
      for (const values of chunk) {
        row++
        yield {
          type: 'row',
          values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toPlain(value)])),
          where: `row ${row}`,
        }
      }
    }
  } finally {
    database.close()
    await release()
  }
}

/** Big integers as numbers where they are exact, dates as ISO text, everything else as JSON has it. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return null
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]))
  return value
}
