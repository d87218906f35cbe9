import { expect, test } from 'vitest'
import { readOpenFault } from './database.ts'

const file = '/workspace/.fovea/catalog.duckdb'

test.each([
  [`IO Error: Cannot open file "${file}": Permission denied`, 'STORAGE_DENIED', /Run fovea as the account/],
  [`IO Error: Cannot open file "${file}": Read-only file system`, 'STORAGE_DENIED', /Run fovea as the account/],
  [`IO Error: Could not set lock on file "${file}": Conflicting lock is held`, 'WORKSPACE_BUSY', /fovea up/],
  [`Serialization Error: Failed to deserialize`, 'INTERNAL', /restore it from a backup/],
])('a catalogue that does not open: %s', (reason, code, hint) => {
  const error = readOpenFault(file, new Error(reason))
  expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) })
  if (code !== 'WORKSPACE_BUSY') expect(error.message).toContain(file)
})
