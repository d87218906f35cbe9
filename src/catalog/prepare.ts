import { FoveaError } from '#base'
import type { Database } from './database.ts'
import { schemaVersion, workspaceTables } from './tables.ts'

/** Makes the tables of a new file, checks the version of an old one, and marks what a dead process left open. */
export async function prepareTables(db: Database, file: string): Promise<void> {
  const tables = await db.rows<{ name: string }>(
    `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'main'`,
  )
  if (tables.length === 0) {
    await db.write(async (tx) => {
      for (const statement of workspaceTables.split(';').filter((text) => text.trim() !== '')) await tx.run(statement)
    })
    return
  }
  const { version } = await db.row<{ version: number }>('SELECT schema_version AS version FROM meta')
  if (version > schemaVersion) {
    throw new FoveaError(
      'WORKSPACE_TOO_NEW',
      `${file} was written by a newer fovea (catalogue version ${version}; this one knows ${schemaVersion}).`,
      {
        hint: 'Update fovea.',
      },
    )
  }
  const { open } = await db.row<{ open: number }>(`SELECT count(*) AS open FROM changes WHERE state = 'open'`)
  if (open > 0) {
    await db.write((tx) =>
      tx.run(
        `UPDATE changes SET state = 'interrupted', summary = replace(summary, 'in progress', 'interrupted') WHERE state = 'open'`,
      ),
    )
  }
}
