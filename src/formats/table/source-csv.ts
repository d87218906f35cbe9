import { createReadStream } from 'node:fs'
import { parse, type CsvError, type Info, type Options } from 'csv-parse'
import { FoveaError } from '#base'
import { extensionOf, problem } from '../layout.ts'
import type { DraftProblem } from '../types.ts'
import { isOwnHeader } from './own.ts'
import type { TableRow, TableSource } from './source.ts'
import { inferScalar } from './values.ts'

/** A record beyond this is a quote that was never closed. */
const maxRecordBytes = 512 * 1024 ** 2

/**
 * Opens a CSV or TSV file (RFC 4180, UTF-8) with a header line. The delimiter is the most frequent of comma, semicolon, tab
 * and bar in the header. In fovea's own tables quotes tell text from numbers, so their cells come typed.
 * Throws FORMAT_INVALID for a file without a readable header.
 */
export async function openCsv(file: string): Promise<TableSource> {
  const delimiter = extensionOf(file) === '.tsv' ? '\t' : await findDelimiter(file)
  const columns = uniqueNames(await readHeader(file, delimiter))
  const own = isOwnHeader(columns)
  return { columns, textual: !own, total: null, rows: () => rowsOf(file, delimiter, columns, own) }
}

async function* rowsOf(
  file: string,
  delimiter: string,
  columns: readonly string[],
  own: boolean,
): AsyncGenerator<TableRow | DraftProblem> {
  const skipped: DraftProblem[] = []
  const parser = createReadStream(file).pipe(
    parse({
      ...options(delimiter),
      info: true,
      from: 2,
      skip_records_with_error: true,
      on_skip: (error) => {
        if (error) skipped.push(rowProblem(file, error))
        return undefined
      },
      ...(own ? { cast: (value, context) => (context.quoting ? value : inferScalar(value)) } : {}),
    }),
  )
  for await (const { record, info } of parser as AsyncIterable<{ record: unknown[]; info: Info }>) {
    yield* skipped.splice(0)
    const values = Object.fromEntries(columns.map((column, i) => [column, record[i]]))
    yield { type: 'row', values, where: `line ${info.lines}` }
  }
  yield* skipped
}

function options(delimiter: string): Options {
  return {
    delimiter,
    bom: true,
    columns: false,
    skip_empty_lines: true,
    relax_quotes: true,
    max_record_size: maxRecordBytes,
  }
}

function rowProblem(file: string, error: CsvError): DraftProblem {
  const line = typeof error.lines === 'number' ? error.lines : '?'
  const what: Partial<Record<string, string>> = {
    CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'The row has another number of cells than the header',
    CSV_QUOTE_NOT_CLOSED: 'A quote is opened and never closed, so the rest of the file is one cell',
    CSV_MAX_RECORD_SIZE: 'The row is too long; a quote may never be closed',
  }
  return problem(
    file,
    'table-row',
    `Line ${line}: ${what[error.code] ?? error.message}.`,
    'Correct the row: quote cells that hold delimiters, and double quotes inside them.',
  )
}

async function readHeader(file: string, delimiter: string): Promise<string[]> {
  const input = createReadStream(file)
  try {
    for await (const record of input.pipe(parse({ ...options(delimiter), to: 1 })) as AsyncIterable<string[]>)
      return record.map((name) => name.trim())
  } catch (error) {
    throw new FoveaError(
      'FORMAT_INVALID',
      `Expected a CSV file with a header line at ${file}, but ${(error as Error).message}.`,
      {
        hint: 'Save it as UTF-8 text with one header line.',
        cause: error,
      },
    )
  } finally {
    input.destroy()
  }
  throw new FoveaError('FORMAT_INVALID', `Expected a CSV file with a header line, got an empty file: ${file}.`, {
    hint: 'Give it a header line that names a path column.',
  })
}

async function findDelimiter(file: string): Promise<string> {
  let start = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', end: 65_535 })) start += String(chunk)
  const line = start.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? ''
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length - 1 }))
  return counts.sort((a, b) => b.count - a.count)[0]!.delimiter
}

/** Names twice get a number, so that no column hides another. */
function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name, i) => {
    const given = name === '' ? `column_${i + 1}` : name
    const count = (seen.get(given) ?? 0) + 1
    seen.set(given, count)
    return count === 1 ? given : `${given}_${count}`
  })
}
