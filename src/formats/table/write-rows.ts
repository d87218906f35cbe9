import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import type { Scalar } from '#contract'
import { throwIfAborted } from '#base'
import { createPathAllocator } from '../export-paths.ts'
import { createTextSink } from '../text-sink.ts'
import type { ExportContext, ExportSample } from '../types.ts'
import { columnOfField, ownRowOf, type OwnRow } from './own.ts'
import { createTypeFinder, type ColumnType } from './values.ts'

/** Puts every sample's media into the export and hands each sample on with the path to write. */
export async function* placedSamples({
  samples,
  placeMedia,
  total,
  signal,
  progress,
}: ExportContext): AsyncGenerator<{ sample: ExportSample; path: string }> {
  const paths = createPathAllocator('path')
  let done = 0
  for await (const sample of samples) {
    throwIfAborted(signal)
    yield { sample, path: await placeMedia(sample, paths.take(sample.path)) }
    progress.report({ stage: 'export', done: ++done, total, unit: 'images' })
  }
}

interface SpooledRow {
  row: OwnRow
  fields: Record<string, Scalar>
}

export interface Spool {
  file: string
  /** Bytes of the longest line. */
  longestLine: number
  labels: number
  /** Columns of the user's fields with the one type that holds their values. */
  fields: { field: string; column: string; type: ColumnType; whole: boolean }[]
  rows(): AsyncIterable<SpooledRow>
  /** Removes the spool. */
  close(): Promise<void>
}

/** Writes rows beside the export first: which fields there are is known only after the last sample. */
export async function spoolRows(context: ExportContext): Promise<Spool> {
  const file = join(context.folder, '.rows.tmp')
  const lines = createTextSink(file)
  const types = createTypeFinder()
  const fields = new Map<string, { whole: boolean }>()
  let labels = 0
  let longestLine = 0
  for await (const { sample, path } of placedSamples(context)) {
    for (const [name, value] of Object.entries(sample.fields)) {
      types.see(name, value)
      const known = fields.get(name) ?? { whole: true }
      if (typeof value === 'number' && !Number.isSafeInteger(value)) known.whole = false
      fields.set(name, known)
    }
    const line = JSON.stringify({ row: ownRowOf(sample, path), fields: sample.fields } satisfies SpooledRow)
    longestLine = Math.max(longestLine, Buffer.byteLength(line))
    await lines.write(`${line}\n`)
    labels += sample.labels.length
  }
  await lines.close()
  return {
    file,
    longestLine,
    labels,
    fields: [...fields].map(([field, { whole }]) => ({
      field,
      column: columnOfField(field),
      type: types.typeOf(field),
      whole,
    })),
    rows: () => readSpool(file, context.signal),
    close: () => rm(file, { force: true }),
  }
}

async function* readSpool(file: string, signal: AbortSignal): AsyncGenerator<SpooledRow> {
  for await (const line of createInterface({
    input: createReadStream(file, { encoding: 'utf8' }),
    crlfDelay: Infinity,
  })) {
    throwIfAborted(signal)
    yield JSON.parse(line) as SpooledRow
  }
}
