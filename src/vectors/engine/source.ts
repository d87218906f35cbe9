import { copyRows } from '../projection/draw.ts'
import { readRowsAt } from '../spaces/row-reader.ts'
import { readVectors, type VectorFile } from '../spaces/shard.ts'
import type { Matrix } from '../types.ts'

/** Vectors to work on: rows of files, or numbers that came along. Plain data, so it can travel to a worker thread. */
export type MatrixSource =
  | {
      kind: 'files'
      /** Two sources of one key have the same rows. */
      key: string
      files: VectorFile[]
      columns: number
      /** Marks the rows that count, over all files; null for all of them. */
      keep: Uint8Array | null
    }
  | { kind: 'matrix'; matrix: Matrix }

/** Up to here single reads beat reading everything. */
const fewRows = 1_000

let held: { key: string; matrix: Promise<Matrix> } | undefined

/** The matrix of a source. The last one read from files is kept, so that questions about one space read it once. */
export function openMatrix(source: MatrixSource): Promise<Matrix> {
  if (source.kind === 'matrix') return Promise.resolve(source.matrix)
  if (held?.key === source.key) return held.matrix
  // Let go first: two large matrices at once may be more than there is room for.
  held = undefined
  const matrix = readVectors(source.files, source.columns, source.keep)
  held = { key: source.key, matrix }
  matrix.catch(() => (held = undefined))
  return matrix
}

/** Some rows of a source: a few come straight from the files unless the matrix is held. */
export async function readRowsOf(source: MatrixSource, rows: Int32Array): Promise<Matrix> {
  const areFew = source.kind === 'files' && held?.key !== source.key && rows.length <= fewRows
  return areFew ? readRowsAt(source, rows) : copyRows(await openMatrix(source), rows)
}
