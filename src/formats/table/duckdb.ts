import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'

export interface Database {
  connection: DuckDBConnection
  close(): void
}

/** An empty database in memory, to read and write Parquet with. */
export async function openDatabase(): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  return {
    connection,
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** Text as an SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as an SQL identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * A path DuckDB takes for one file. Its readers treat `*`, `?` and `[` in paths as patterns and have no escape, so such a
 * path is reached through a link in a temporary folder until `release`.
 */
export async function plainPath(file: string): Promise<{ path: string; release(): Promise<void> }> {
  if (!/[*?[\]{}]/.test(file)) return { path: file, release: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'fovea-table-'))
  await symlink(dirname(file), join(folder, 'in'))
  const inside = join(folder, 'in', basename(file))
  const release = (): Promise<void> => rm(folder, { recursive: true, force: true })
  if (!/[*?[\]{}]/.test(basename(file))) return { path: inside, release }
  await symlink(file, join(folder, 'table'))
  return { path: join(folder, 'table'), release }
}
