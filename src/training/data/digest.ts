import { createHash } from 'node:crypto'
import type { DataSelection } from '#models'
import type { Learnable } from './collect.ts'

/** What was learnt from and held out, as lineage keeps it. */
export function describeSelection(
  { train, validation }: { train: readonly Learnable[]; validation: readonly Learnable[] },
  { dataset, query, layer }: { dataset: string; query: string; layer: string },
): DataSelection {
  const hash = createHash('sha256')
  const held = new Set(validation)
  const all = [...train, ...validation].toSorted((a, b) => a.example.id - b.example.id)
  for (const one of all) {
    const { id, labels, value } = one.example
    hash.update(`${JSON.stringify([id, one.md5, held.has(one) ? 1 : 0, value, labels])}\n`)
  }
  return {
    dataset,
    query,
    layer,
    samples: train.length,
    validation: validation.length,
    digest: hash.digest('hex'),
  }
}
