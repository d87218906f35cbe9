import { open, readFile } from 'node:fs/promises'
import { FoveaError } from '#base'
import { keptClasses } from '#models'
import type { Matrix } from '../types.ts'

/** What a shard keeps of its rows beside the vectors. */
export interface ShardRows {
  /** Samples or labels. */
  ids: Float64Array
  /** Of the picture the vector was made of. */
  keys: Float64Array
  /** Length of the vector before it was scaled to 1. */
  norms: Float32Array
  /** The most probable classes, `keptClasses` a row, best first; absent for models without classes. */
  top?: { classes: Uint16Array; probabilities: Float32Array }
}

/** A file of vectors: 32-bit floats, little endian, row after row and nothing else. */
export interface VectorFile {
  file: string
  rows: number
}

/** Bytes of the rows file: ids, keys, norms, then classes and probabilities where there are any. */
export function encodeRows({ ids, keys, norms, top }: ShardRows): Uint8Array {
  const parts = [ids, keys, norms, ...(top === undefined ? [] : [top.probabilities, top.classes])]
  return Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)))
}

export async function readRows(file: string, rows: number): Promise<ShardRows> {
  const bytes = await readFile(file)
  const { buffer } = new Uint8Array(bytes)
  const plain = rows * 20
  const full = plain + rows * keptClasses * 6
  if (buffer.byteLength !== plain && buffer.byteLength !== full)
    throw new FoveaError('INTERNAL', `${file} has ${buffer.byteLength} bytes, expected ${plain} or ${full}.`, {
      hint: 'The file was damaged. Remove the space and embed again: fovea spaces remove',
    })
  const n = rows * keptClasses
  const top = {
    probabilities: new Float32Array(buffer, plain, buffer.byteLength === full ? n : 0),
    classes: new Uint16Array(
      buffer,
      plain + (buffer.byteLength === full ? n * 4 : 0),
      buffer.byteLength === full ? n : 0,
    ),
  }
  return {
    ids: new Float64Array(buffer, 0, rows),
    keys: new Float64Array(buffer, rows * 8, rows),
    norms: new Float32Array(buffer, rows * 16, rows),
    ...(buffer.byteLength === full ? { top } : {}),
  }
}

const blockBytes = 8 << 20

/** Reads the rows that `keep` marks (all of them when null), file after file, as they lie on disk, into one matrix. */
export async function readVectors(
  files: readonly VectorFile[],
  columns: number,
  keep: Uint8Array | null,
): Promise<Matrix> {
  const rows = countKept(files, keep)
  const data = new Float32Array(rows * columns)
  let written = 0
  for await (const block of readBlocks(files, columns, keep)) {
    data.set(block.data, written)
    written += block.data.length
  }
  return { rows, columns, data }
}

/** The same rows, a few megabytes at a time, for what is larger than memory. A block is only good until the next is asked for. */
export async function* readBlocks(
  files: readonly VectorFile[],
  columns: number,
  keep: Uint8Array | null,
): AsyncGenerator<Matrix> {
  const rowBytes = columns * 4
  // Whole rows at a time, so that a row is never cut in two.
  const step = Math.max(1, Math.floor(blockBytes / rowBytes))
  const block = new Float32Array(step * columns)
  const bytes = new Uint8Array(block.buffer)
  let row = 0
  for (const { file, rows: count } of files) {
    const handle = await open(file)
    try {
      for (let from = 0; from < count; from += step) {
        const n = Math.min(step, count - from)
        await readFully(handle, bytes.subarray(0, n * rowBytes), from * rowBytes, file)
        let kept = 0
        for (let i = 0; i < n; i++) {
          if (keep !== null && keep[row + from + i] !== 1) continue
          if (kept !== i) block.copyWithin(kept * columns, i * columns, (i + 1) * columns)
          kept++
        }
        if (kept > 0) yield { rows: kept, columns, data: block.subarray(0, kept * columns) }
      }
    } finally {
      await handle.close()
    }
    row += count
  }
}

/** How many rows count. */
export function countKept(files: readonly VectorFile[], keep: Uint8Array | null): number {
  if (keep === null) return files.reduce((sum, file) => sum + file.rows, 0)
  let rows = 0
  for (const kept of keep) rows += kept
  return rows
}

async function readFully(
  handle: Awaited<ReturnType<typeof open>>,
  into: Uint8Array,
  at: number,
  file: string,
): Promise<void> {
  let done = 0
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, at + done)
    if (bytesRead === 0)
      throw new FoveaError('INTERNAL', `${file} ends before its last vector.`, {
        hint: 'The file was damaged. Remove the space and embed again: fovea spaces remove',
      })
    done += bytesRead
  }
}
