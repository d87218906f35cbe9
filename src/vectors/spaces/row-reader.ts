import { closeSync, openSync, readSync } from 'node:fs'
import { FoveaError } from '#base'
import type { Matrix } from '../types.ts'
import { countKept, type VectorFile } from './shard.ts'

export interface VectorFiles {
  files: readonly VectorFile[]
  columns: number
  /** Marks the rows that count; null for all. */
  keep: Uint8Array | null
}

export interface RowReader {
  /** Good until the next is read. Throws INTERNAL when the file ends before. */
  read(row: number): Float32Array
  close(): void
}

/** Single rows straight from the files; what was read lately is in the memory of the system. */
export function openRowReader({ files, columns, keep }: VectorFiles): RowReader {
  const handles = new Map<string, number>()
  const starts: number[] = []
  let total = 0
  for (const { rows } of files) {
    starts.push(total)
    total += rows
  }
  const placeOf = keep === null ? (row: number) => row : placesOfKept(files, keep, total)
  const bytes = new Uint8Array(columns * 4)
  const floats = new Float32Array(bytes.buffer)
  return {
    read(row) {
      const place = placeOf(row)
      const at = starts.findLastIndex((start) => start <= place)
      const { file } = files[at]!
      const handle = handles.get(file) ?? openSync(file, 'r')
      handles.set(file, handle)
      const read = readSync(handle, bytes, 0, bytes.length, (place - starts[at]!) * bytes.length)
      if (read !== bytes.length)
        throw new FoveaError('INTERNAL', `${file} ends before its last vector.`, {
          hint: 'The file was damaged. Remove the space and embed again: fovea spaces remove',
        })
      return floats
    },
    close: () => handles.forEach((handle) => closeSync(handle)),
  }
}

/** Place over all files of the n-th row that counts. */
function placesOfKept(files: readonly VectorFile[], keep: Uint8Array, total: number): (row: number) => number {
  const places = new Float64Array(countKept(files, keep))
  for (let row = 0, kept = 0; row < total; row++) if (keep[row] === 1) places[kept++] = row
  return (row) => places[row]!
}

/** A few rows, without reading the others. */
export function readRowsAt(vectors: VectorFiles, rows: Int32Array): Matrix {
  const { columns } = vectors
  const data = new Float32Array(rows.length * columns)
  const reader = openRowReader(vectors)
  try {
    rows.forEach((row, i) => data.set(reader.read(row), i * columns))
  } finally {
    reader.close()
  }
  return { rows: rows.length, columns, data }
}
