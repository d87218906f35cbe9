import { join } from 'node:path'
import type { Loss, Scalar } from '#contract'
import { commonLosses } from '../losses.ts'
import { createTextSink } from '../text-sink.ts'
import type { ExportSummary, FormatWriter } from '../types.ts'
import { openDatabase, plainPath, quoteName, quoteText } from './duckdb.ts'
import { ownColumns, type ownKeys } from './own.ts'
import type { ColumnType } from './values.ts'
import { placedSamples, spoolRows, type Spool } from './write-rows.ts'

/** Tables hold every label, field and tag; only other layers stay behind. */
function losses(summary: ExportSummary): Loss[] {
  return commonLosses(summary, { fields: true, tags: true, attributes: true, scores: true, authors: true })
}

/** `samples.jsonl`: one object a sample with all its labels, as the contract has them. */
export const jsonLinesWriter: FormatWriter = {
  format: 'jsonl',
  losses,
  async write(context) {
    const lines = createTextSink(join(context.folder, 'samples.jsonl'))
    let labels = 0
    for await (const { sample, path } of placedSamples(context)) {
      const { split, width, height, tags, fields } = sample
      const line: Record<(typeof ownKeys)[number], unknown> = {
        path,
        split,
        width,
        height,
        tags,
        fields,
        labels: sample.labels,
      }
      await lines.write(`${JSON.stringify(line)}\n`)
      labels += sample.labels.length
    }
    await lines.close()
    return { labels, files: 1 }
  },
}

/**
 * `samples.csv` (RFC 4180): one row a sample, plain columns for what people sort and filter by, `labels` as JSON. Text is
 * always quoted and nothing else is, so that `"12"` and `12` come back as what they were.
 */
export const csvWriter: FormatWriter = {
  format: 'csv',
  losses,
  async write(context) {
    const spool = await spoolRows(context)
    const lines = createTextSink(join(context.folder, 'samples.csv'))
    const header = [...ownColumns, ...spool.fields.map(({ column }) => column)]
    await lines.write(`${header.map(headerCell).join(',')}\n`)
    for await (const { row, fields } of spool.rows()) {
      const cells = [
        ...ownColumns.map((column) => row[column]),
        ...spool.fields.map(({ field }) => fields[field] ?? null),
      ]
      await lines.write(`${cells.map(cellOf).join(',')}\n`)
    }
    await lines.close()
    await spool.close()
    return { labels: spool.labels, files: 1 }
  },
}

function headerCell(name: string): string {
  return /[",\n\r;|\t]|^\s|\s$/.test(name) ? quoted(name) : name
}

function cellOf(value: Scalar): string {
  if (value === null) return ''
  return typeof value === 'string' ? quoted(value) : String(value)
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

/** `samples.parquet`: the columns of the CSV table, typed. */
export const parquetWriter: FormatWriter = {
  format: 'parquet',
  losses,
  async write(context) {
    const spool = await spoolRows(context)
    const source = await plainPath(spool.file)
    const target = await plainPath(context.folder)
    const database = await openDatabase()
    try {
      await database.connection.run(
        `COPY (SELECT ${selectedColumns(spool)} FROM ${readSpoolSql(source.path, spool)})
         TO ${quoteText(join(target.path, 'samples.parquet'))} (FORMAT parquet, COMPRESSION zstd)`,
      )
    } finally {
      database.close()
      await source.release()
      await target.release()
      await spool.close()
    }
    return { labels: spool.labels, files: 1 }
  },
}

/** The spool's lines as a table of two structures, `row` and `fields`. */
function readSpoolSql(path: string, { fields, longestLine }: Spool): string {
  const own = ownColumns.map(
    (column) => `${quoteName(column)} ${column === 'width' || column === 'height' ? 'INTEGER' : 'VARCHAR'}`,
  )
  const columns = [`row: ${quoteText(`STRUCT(${own.join(', ')})`)}`]
  if (fields.length > 0) {
    const typed = fields.map(({ field, type, whole }) => `${quoteName(field)} ${sqlTypeOf(type, whole)}`)
    columns.push(`fields: ${quoteText(`STRUCT(${typed.join(', ')})`)}`)
  }
  return `read_json(${quoteText(path)}, format = 'newline_delimited', columns = {${columns.join(', ')}}, maximum_object_size = ${Math.max(longestLine * 2, 1_048_576)})`
}

function sqlTypeOf(type: ColumnType, whole: boolean): string {
  if (type === 'number') return whole ? 'BIGINT' : 'DOUBLE'
  return type === 'boolean' ? 'BOOLEAN' : 'VARCHAR'
}

function selectedColumns({ fields }: Spool): string {
  return [
    ...ownColumns.map((column) => `"row".${quoteName(column)} AS ${quoteName(column)}`),
    ...fields.map(({ field, column }) => `fields.${quoteName(field)} AS ${quoteName(column)}`),
  ].join(', ')
}
