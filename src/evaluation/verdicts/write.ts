import { formatSampleId, FoveaError } from '#base'
import type { Change, ChangeStep } from '#catalog'
import type { LabelVerdict } from '../judge/types.ts'
import { verdictNames } from './attributes.ts'

/** Labels that are written in one step. */
const batchLabels = 20_000

/** What a label came to, by its id; null where it was not judged. `match` is the id of the label on the other side. */
export interface VerdictRow {
  id: number
  verdict: LabelVerdict | null
}

/** Tells labels what they came to; what an earlier evaluation of the same name told the others is taken away. */
export async function writeVerdicts(change: Change, prefix: string, rows: readonly VerdictRow[]): Promise<void> {
  const names = verdictNames(prefix)
  const patches: Parameters<ChangeStep['setAttributes']>[0] = rows.map(({ id, verdict }) => ({
    id,
    attributes: {
      [names.outcome]: verdict?.outcome ?? null,
      [names.iou]: verdict?.iou == null ? null : Number(verdict.iou.toFixed(4)),
      [names.class]: verdict?.class ?? null,
      [names.match]: verdict?.match == null ? null : `l_${verdict.match}`,
    },
  }))
  for (let from = 0; from < patches.length; from += batchLabels) {
    const batch = patches.slice(from, from + batchLabels)
    await change.step((step) => step.setAttributes(batch))
  }
}

/** Ids of the labels of a layer by sample, in the order in which samples tell them. */
export function groupIds({
  ids,
  samples,
}: {
  ids: ArrayLike<number>
  samples: ArrayLike<number>
}): Map<number, number[]> {
  const bySample = new Map<number, number[]>()
  for (let row = 0; row < ids.length; row++) {
    const own = bySample.get(samples[row]!)
    if (own === undefined) bySample.set(samples[row]!, [ids[row]!])
    else own.push(ids[row]!)
  }
  return bySample
}

/** The id of a label by its place within its sample. Throws INTERNAL when the sample has fewer labels by now. */
export function idAt(ids: Map<number, number[]>, sample: number, at: number): number {
  const id = ids.get(sample)?.[at]
  if (id !== undefined) return id
  throw new FoveaError('INTERNAL', `Labels of ${formatSampleId(sample)} changed while they were judged.`, {
    hint: 'Run it again.',
  })
}
