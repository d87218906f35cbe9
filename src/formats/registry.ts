import type { ExportFormat, ImportFormat } from '#contract'
import { FoveaError } from '#base'
import { cocoReader, cocoWriter } from './coco/index.ts'
import { folderWriter, huggingFaceReader, imageFolderReader, plainFolderReader } from './folder/index.ts'
import { masksReader, masksWriter } from './masks/index.ts'
import { createTableReader, csvWriter, jsonLinesWriter, parquetWriter } from './table/index.ts'
import type { FormatReader, FormatWriter } from './types.ts'
import { vocReader, vocWriter } from './voc/index.ts'
import { yoloReader, yoloWriter } from './yolo/index.ts'

/** Every layout fovea reads. On equal confidence the earlier one wins a detection. */
export const readers: readonly FormatReader[] = [
  cocoReader,
  yoloReader,
  createTableReader('parquet'),
  createTableReader('jsonl'),
  createTableReader('csv'),
  huggingFaceReader,
  vocReader,
  masksReader,
  imageFolderReader,
  plainFolderReader,
]

/** Every layout fovea writes, by the name users give. */
export const writers: Record<ExportFormat, FormatWriter> = {
  coco: cocoWriter,
  yolo: yoloWriter,
  voc: vocWriter,
  masks: masksWriter,
  folder: folderWriter,
  csv: csvWriter,
  jsonl: jsonLinesWriter,
  parquet: parquetWriter,
}

/** The reader of a format the user named. Throws FORMAT_UNKNOWN for a name without one. */
export function readerFor(format: ImportFormat): FormatReader {
  const reader = readers.find((one) => one.format === format)
  if (reader) return reader
  throw new FoveaError(
    'FORMAT_UNKNOWN',
    `Expected one of ${readers.map((one) => one.format).join(', ')}, got ${JSON.stringify(format)}.`,
    {
      hint: 'Name one of these, or let fovea find the format itself with --format auto.',
    },
  )
}
