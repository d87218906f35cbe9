import { createHash } from 'node:crypto'
import type { Label } from '#contract'
import type { Change, DatasetRef, PredictionPort } from '#catalog'
import type { LabelVerdict, SaidLabel, SampleVerdicts } from '../judge/types.ts'
import { groupIds, idAt, writeVerdicts, type VerdictRow } from './write.ts'

/** Samples whose labels are written in one step. */
const batchSamples = 2_000

export interface JudgedLabels {
  ids: readonly number[]
  labels: readonly SampleVerdicts[]
  /** Of a layer that was judged: places of what was said among the labels of each sample. Null where the model was run. */
  places: ReadonlyMap<number, readonly number[]> | null
}

/** Tells true and predicted labels what they came to; what a model said that is in no layer yet is written into `layer` first. */
export async function writeJudgedLabels(
  catalog: PredictionPort,
  change: Change,
  { dataset, prefix, truth, layer }: { dataset: DatasetRef; prefix: string; truth: string; layer: string },
  { ids, labels, places }: JudgedLabels,
): Promise<void> {
  if (places === null) await writeSaid(catalog, change, { dataset, layer }, ids, labels)
  const selection = { ids }
  const { layers } = await catalog.schemaOf(dataset)
  // A dataset without labels has no layer of them, a model that never said anything neither.
  const idsIn = async (asked: string): Promise<Map<number, number[]>> =>
    layers.some(({ name }) => name === asked)
      ? groupIds(await catalog.labelColumns(dataset, asked, selection))
      : new Map<number, number[]>()
  const [own, other] = [await idsIn(truth), await idsIn(layer)]
  const rows: VerdictRow[] = []
  ids.forEach((sample, i) => {
    const { truth: truths, said } = labels[i]!
    // Labels of a layer lie as they are; what a run wrote lies in the order in which it was said.
    const saidId = new Map(said.map(({ at }, order) => [at, idAt(other, sample, places?.get(sample)?.[at] ?? order)]))
    const judged = new Map<number, LabelVerdict>()
    for (const { at, verdict } of truth === layer ? [] : truths)
      judged.set(
        idAt(own, sample, at),
        withMatch(verdict, (match) => saidId.get(match)),
      )
    for (const { at, verdict } of said)
      if (verdict !== null)
        judged.set(
          saidId.get(at)!,
          withMatch(verdict, (match) => own.get(sample)?.[match]),
        )
    for (const id of new Set([...(own.get(sample) ?? []), ...(other.get(sample) ?? [])]))
      rows.push({ id, verdict: judged.get(id) ?? null })
  })
  await writeVerdicts(change, prefix, rows)
}

const withMatch = (verdict: LabelVerdict, idOf: (match: number) => number | undefined): LabelVerdict => ({
  ...verdict,
  match: verdict.match === null ? null : (idOf(verdict.match) ?? null),
})

/** Writes what was said into a layer; samples of which the same was said before are left as they are. */
async function writeSaid(
  catalog: PredictionPort,
  change: Change,
  { dataset, layer }: { dataset: DatasetRef; layer: string },
  ids: readonly number[],
  labels: readonly SampleVerdicts[],
): Promise<void> {
  const known = new Map(
    [...(await catalog.knownSources(dataset, layer)).values()].map(({ id, digest }) => [id, digest]),
  )
  const rows = ids.flatMap((id, i) => {
    const said = labels[i]!.said.map(toLabel)
    const digest = `judged ${createHash('sha256').update(JSON.stringify(said)).digest('hex')}`
    return known.get(id) === digest ? [] : [{ id, labels: said, digest }]
  })
  for (let from = 0; from < rows.length; from += batchSamples) {
    const batch = rows.slice(from, from + batchSamples)
    await change.step((step) => step.replaceLabels(layer, batch))
  }
}

const toLabel = ({ class: name, score, box }: SaidLabel): Label => ({
  kind: box === null ? 'class' : 'box',
  class: name,
  box,
  geometry: null,
  area: box === null ? null : box.w * box.h,
  score,
  attributes: {},
  author: null,
})
