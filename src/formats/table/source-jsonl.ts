import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { FoveaError } from '#base'
import { problem } from '../layout.ts'
import type { DraftProblem } from '../types.ts'
import type { TableRow, TableSource } from './source.ts'

/** Rows looked at to learn the columns. */
const rowsPeeked = 100

/**
 * Opens a file of one JSON object a line. Columns are those of the first rows; later ones are read all the same.
 * Throws FORMAT_INVALID when none of the first lines is an object.
 */
export async function openJsonLines(file: string): Promise<TableSource> {
  const columns = new Set<string>()
  let peeked = 0
  for await (const row of rowsOf(file)) {
    if (row.type === 'row') for (const column of Object.keys(row.values)) columns.add(column)
    if (++peeked >= rowsPeeked) break
  }
  if (columns.size === 0) {
    throw new FoveaError(
      'FORMAT_INVALID',
      `Expected one JSON object a line in ${file}, found none in the first ${rowsPeeked} lines.`,
      {
        hint: 'Write each sample as one object on one line, without commas between lines.',
      },
    )
  }
  return { columns: [...columns], textual: false, total: null, rows: () => rowsOf(file) }
}

async function* rowsOf(file: string): AsyncGenerator<TableRow | DraftProblem> {
  const input = createReadStream(file, { encoding: 'utf8' })
  try {
    let line = 0
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line++
      const content = line === 1 ? text.replace(/^\uFEFF/, '') : text
      if (content.trim() === '') continue
      yield parseLine(file, content, line)
    }
  } finally {
    input.destroy()
  }
}

function parseLine(file: string, text: string, line: number): TableRow | DraftProblem {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return problem(
      file,
      'table-row',
      `Line ${line} is no JSON (${(error as Error).message}).`,
      'Correct or remove the line.',
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return problem(
      file,
      'table-row',
      `Line ${line} must be a JSON object, got ${Array.isArray(value) ? 'a list' : typeof value}.`,
      'Write one object a line.',
    )
  }
  return { type: 'row', values: value as Record<string, unknown>, where: `line ${line}` }
}
