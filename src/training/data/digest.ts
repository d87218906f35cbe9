import { createHash } from 'node:crypto'
import { verdictAttribute, type Label } from '#contract'
import type { DataSelection } from '#models'
import type { Learnable } from './collect.ts'

/** Attributes without those by which an evaluation says what became of a label: judging a model makes no other data of it. */
const leaveOutVerdicts = (attributes: Label['attributes']): Label['attributes'] =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !verdictAttribute.test(name)))

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
    const learnt = labels.map((label) => ({ ...label, attributes: leaveOutVerdicts(label.attributes) }))
    hash.update(`${JSON.stringify([id, one.md5, held.has(one) ? 1 : 0, value, learnt])}\n`)
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
