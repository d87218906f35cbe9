import { FoveaError } from '#base'
import { buildApproximateIndex, type ApproximateIndex } from '../neighbours/approximate.ts'
import type { LongWork, Matrix } from '../types.ts'
import type { MatrixSource } from './source.ts'

let held: { key: string; index: Promise<ApproximateIndex> } | undefined

/** Looks up one vector in the approximate index of a source, which is built when first asked and kept. */
export async function approximate(
  { source, queries, k }: { source: MatrixSource; queries: Matrix; k: number },
  work: LongWork,
): Promise<{ rows: Int32Array; scores: Float64Array; recall: number }> {
  if (source.kind !== 'files') throw new FoveaError('INTERNAL', 'An index is built of vectors in files.')
  if (held?.key !== source.key) {
    const old = held
    const index = buildApproximateIndex(source, work)
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
