import { FoveaError } from '#base'
import { buildIndex, openIndex, type ApproximateIndex } from '../neighbours/approximate.ts'
import { readIndex, writeIndex } from '../neighbours/index-file.ts'
import type { LongWork, Matrix } from '../types.ts'
import type { MatrixSource } from './source.ts'

export interface ApproximateTask {
  source: MatrixSource
  /** One unit vector. */
  queries: Matrix
  k: number
  /** Where the index is kept between runs. */
  file: string
}

let held: { key: string; index: Promise<ApproximateIndex> } | undefined

/** Looks up one vector in the approximate index of a source, which is built when first asked, and kept in memory and in a file. */
export async function approximate(
  { source, queries, k, file }: ApproximateTask,
  work: LongWork,
): Promise<{ rows: Int32Array; scores: Float64Array; recall: number }> {
  if (source.kind !== 'files') throw new FoveaError('INTERNAL', 'An index is built of vectors in files.')
  if (held?.key !== source.key) {
    const old = held
    const index = open(source, file, work)
    held = { key: source.key, index }
    index.catch(() => (held = undefined))
    await old?.index.then(
      (gone) => gone.close(),
      () => undefined,
    )
  }
  const index = await held.index
  return { ...(await index.find(queries.data, k)), recall: index.recall }
}

async function open(
  source: Extract<MatrixSource, { kind: 'files' }>,
  file: string,
  work: LongWork,
): Promise<ApproximateIndex> {
  const stored = await readIndex(file, source.key)
  if (stored !== undefined) return openIndex(source, stored)
  const built = await buildIndex(source, work)
  await writeIndex(file, source.key, built)
  return openIndex(source, built)
}
