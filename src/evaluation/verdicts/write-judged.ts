import { createHash } from 'node:crypto'
import { FoveaError } from '#base'
import type { Change, DatasetRef, EvaluationPort, PredictionPort } from '#catalog'
import type { LabelVerdict, SampleVerdicts } from '../judge/types.ts'
import { groupIds, idAt, writeVerdicts, type VerdictRow } from './write.ts'

/** Samples whose labels are written in one step. */
const batchSamples = 2_000
/** Beginning of the digests of labels that `writeSaid` wrote. */
const ownDigest = 'judged '

/** By sample: for every place of what was said the places of its labels in the layer. */
export type SaidPlaces = ReadonlyMap<number, readonly (readonly number[])[]>

export interface JudgedLabels {
  ids: readonly number[]
  labels: readonly SampleVerdicts[]
  /** Of a layer that was judged; null where the layer holds what was said in its order, as `writeSaid` leaves it. */
  places: SaidPlaces | null
}

/** How many labels came to what: true ones that were missed, and of what was said the rest. */
export function countLabels({ ids, labels, places }: JudgedLabels): Record<LabelVerdict['outcome'], number> {
  const counts = { tp: 0, fp: 0, fn: 0, confused: 0 }
  labels.forEach(({ truth, said }, i) => {
    for (const { verdict } of truth) if (verdict.outcome === 'fn') counts.fn++
    for (const { at, verdict } of said)
      if (verdict !== null) counts[verdict.outcome] += places === null ? 1 : places.get(ids[i]!)![at]!.length
  })
  return counts
}

/** Tells true and predicted labels what they came to; what an earlier evaluation of that name told the others goes. */
export async function writeJudgedLabels(
  catalog: Pick<EvaluationPort, 'labelColumns' | 'schemaOf'>,
  change: Change,
  { dataset, prefix, truth, layer }: { dataset: DatasetRef; prefix: string; truth: string; layer: string },
  { ids, labels, places }: JudgedLabels,
): Promise<void> {
  const { layers } = await catalog.schemaOf(dataset)
  // A dataset without labels has no layer of them, a model that never said anything neither.
  const idsIn = async (asked: string): Promise<Map<number, number[]>> =>
    layers.some(({ name }) => name === asked)
      ? groupIds(await catalog.labelColumns(dataset, asked, { ids }))
      : new Map<number, number[]>()
  const [own, other] = [await idsIn(truth), await idsIn(layer)]
  const rows: VerdictRow[] = []
  ids.forEach((sample, i) => {
    const { truth: truths, said } = labels[i]!
    const saidIds = said.map(({ at }, order) =>
      (places === null ? [order] : places.get(sample)![at]!).map((place) => idAt(other, sample, place)),
    )
    const firstSaid = new Map<number, number | undefined>()
    said.forEach(({ at }, order) => {
      if (!firstSaid.has(at)) firstSaid.set(at, saidIds[order]![0])
    })
    const judged = new Map<number, LabelVerdict>()
    for (const { at, verdict } of truth === layer ? [] : truths)
      judged.set(
        idAt(own, sample, at),
        withMatch(verdict, (match) => firstSaid.get(match)),
      )
    said.forEach(({ verdict }, order) => {
      if (verdict === null) return
      const told = withMatch(verdict, (match) => own.get(sample)?.[match])
      for (const id of saidIds[order]!) judged.set(id, told)
    })
    for (const id of new Set([...(own.get(sample) ?? []), ...(other.get(sample) ?? [])]))
      rows.push({ id, verdict: judged.get(id) ?? null })
  })
  await writeVerdicts(change, prefix, rows)
}

const withMatch = (verdict: LabelVerdict, idOf: (match: number) => number | undefined): LabelVerdict => ({
  ...verdict,
  match: verdict.match === null ? null : (idOf(verdict.match) ?? null),
})

/** Throws INPUT_INVALID where a layer that `writeSaid` is to write holds labels of these samples that came from elsewhere. */
export async function refuseTakenLayer(
  catalog: Pick<PredictionPort, 'knownSources' | 'labelColumns' | 'schemaOf'>,
  dataset: DatasetRef,
  layer: string,
  ids: readonly number[],
): Promise<void> {
  if (!(await catalog.schemaOf(dataset)).layers.some(({ name }) => name === layer)) return
  const wanted = new Set(ids)
  const others = [...(await catalog.knownSources(dataset, layer)).values()].filter(
    ({ id, digest }) => wanted.has(id) && digest?.startsWith(ownDigest) !== true,
  )
  const { samples } = await catalog.labelColumns(dataset, layer, { ids: others.map(({ id }) => id) })
  const taken = new Set(samples)
  if (taken.size === 0) return
  throw new FoveaError(
    'INPUT_INVALID',
    `What the model says would be written into the layer ${layer}, but that holds other labels of ${taken.size} of these samples.`,
    {
      hint: `Judge those with --layer ${layer}, or only look with --dry-run.`,
      details: { layer, samples: taken.size },
    },
  )
}

/** Writes what a model said into a layer; samples of which the same was said before are left as they are. */
export async function writeSaid(
  catalog: Pick<PredictionPort, 'knownSources'>,
  change: Change,
  { dataset, layer }: { dataset: DatasetRef; layer: string },
  { ids, labels }: Pick<JudgedLabels, 'ids' | 'labels'>,
): Promise<void> {
  const known = new Map(
    [...(await catalog.knownSources(dataset, layer)).values()].map(({ id, digest }) => [id, digest]),
  )
  const rows = ids.flatMap((id, i) => {
    const said = labels[i]!.said.map(({ label }) => label)
    const digest = `${ownDigest}${createHash('sha256').update(JSON.stringify(said)).digest('hex')}`
    return known.get(id) === digest ? [] : [{ id, labels: said, digest }]
  })
  for (let from = 0; from < rows.length; from += batchSamples) {
    const batch = rows.slice(from, from + batchSamples)
    await change.step((step) => step.replaceLabels(layer, batch))
  }
}
