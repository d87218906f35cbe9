import type { ExportFormat, ImportFormat } from '#contract'
import { FoveaError } from '#base'
import type { FormatReader, FormatWriter } from './types.ts'

const allReaders: FormatReader[] = []
const allWriters: Partial<Record<ExportFormat, FormatWriter>> = {}

/** Every layout fovea reads. On equal confidence the earlier one wins a detection. */
export const readers: readonly FormatReader[] = allReaders

/** Every layout fovea writes, by the name users give. */
export const writers = allWriters as Record<ExportFormat, FormatWriter>

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
