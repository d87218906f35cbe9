import type { ImportFormat } from '#contract'
import type { DraftProblem } from '../types.ts'
import { extensionOf } from '../layout.ts'
import { openCsv } from './source-csv.ts'
import { openJsonLines } from './source-jsonl.ts'
import { openParquet } from './source-parquet.ts'

/** One row of a table with the place it stands at, for problem rows: `line 3`. */
export interface TableRow {
  type: 'row'
  values: Record<string, unknown>
  where: string
}

export interface TableSource {
  columns: string[]
  /** Whether cells are untyped text. */
  textual: boolean
  /** Rows when known without reading. */
  total: number | null
  /** Every row, from the start each time it is called; what cannot be read is a problem with its line. */
  rows(): AsyncIterable<TableRow | DraftProblem>
}

export type TableFormat = Extract<ImportFormat, 'csv' | 'jsonl' | 'parquet'>

/** Format of a table by its file name; null for other files. */
export function tableFormatOf(path: string): TableFormat | null {
  const extension = extensionOf(path)
  if (extension === '.csv' || extension === '.tsv') return 'csv'
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl'
  return extension === '.parquet' ? 'parquet' : null
}

/** Opens a table and reads its columns. Throws FORMAT_INVALID when it cannot be read at all. */
export function openTable(format: TableFormat, file: string): Promise<TableSource> {
  if (format === 'csv') return openCsv(file)
  return format === 'jsonl' ? openJsonLines(file) : openParquet(file)
}
