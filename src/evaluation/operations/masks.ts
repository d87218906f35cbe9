import { evaluateMasks as spec, type Label, type MaskGeometry } from '#contract'
import {
  encodeMask,
  formatSampleId,
  FoveaError,
  implement,
  parseSampleId,
  rasterizePolygon,
  throwIfAborted,
  type Operation,
} from '#base'
import { writeFields, type CatalogExportSample, type EvaluationPort } from '#catalog'
import { countRuns, countShared, uniteMasks } from '../masks/runs.ts'
import { addTally, measurePixels, type PixelTally } from '../masks/tally.ts'

const worstSamples = 20
/** Pixels of any class. */
const any = ''

const newTally = (): PixelTally => ({ truth: 0, predicted: 0, shared: 0 })

/** Handler of evaluation.masks. Masks and polygons count by the pixels they cover. */
export function createMaskEvaluation({ catalog }: { catalog: EvaluationPort }): Operation {
  return implement(spec, async (input, context) => {
    const dataset = await catalog.resolveDataset(input.dataset)
    const selection = { query: input.query }
    const total = (await catalog.idsOf(dataset, selection)).length
    const truths = catalog.exportSamples(dataset, selection, input.truth)
    const predictions = catalog.exportSamples(dataset, selection, input.predictions)[Symbol.asyncIterator]()
    const pooled = new Map<string, PixelTally & { samples: number }>()
    const dice: { id: number; dice: number | null }[] = []
    for await (const sample of truths) {
      throwIfAborted(context.signal)
      const { value: predicted } = (await predictions.next()) as { value: CatalogExportSample | undefined }
      if (predicted?.id !== sample.id)
        throw new FoveaError('INTERNAL', 'The dataset changed while it was judged.', { hint: 'Run it again.' })
      const byClass = tallySample(sample, predicted)
      for (const [name, tally] of byClass) {
        const sum = pooled.get(name) ?? { ...newTally(), samples: 0 }
        addTally(sum, tally)
        sum.samples++
        pooled.set(name, sum)
      }
      dice.push({ id: parseSampleId(sample.id), dice: measurePixels(byClass.get(any) ?? newTally()).dice })
      if (dice.length % 64 === 0 || dice.length === total)
        context.progress.report({ stage: 'compare', done: dice.length, total, unit: 'samples' })
    }
    const measured = dice.filter((one): one is { id: number; dice: number } => one.dice !== null)
    const field = `${input.predictions}_dice`
    const change =
      !input.dryRun && measured.length > 0
        ? await writeFields(
            catalog,
            {
              dataset,
              actor: context.actor,
              operation: spec.id,
              summary: `Held the masks of ${input.predictions} against ${input.truth}`,
            },
            { [field]: { type: 'number', values: measured.map((one) => one.dice) } },
            measured.map(({ id }) => id),
          )
        : null
    return {
      samples: dice.length,
      empty: dice.length - measured.length,
      pooled: measurePixels(pooled.get(any) ?? newTally()),
      meanDice: measured.length === 0 ? null : measured.reduce((sum, one) => sum + one.dice, 0) / measured.length,
      classes: [...pooled]
        .filter(([name]) => name !== any)
        .map(([name, tally]) => ({ class: name, samples: tally.samples, pixels: tally.truth, ...measurePixels(tally) }))
        .toSorted((a, b) => b.pixels - a.pixels || (a.class < b.class ? -1 : 1)),
      worst: measured
        .toSorted((a, b) => a.dice - b.dice || a.id - b.id)
        .slice(0, worstSamples)
        .map((one) => ({ sample: formatSampleId(one.id), dice: one.dice })),
      field: change === null ? null : field,
      change,
    }
  })
}

/** Pixels of one picture by class, and of any class. */
function tallySample(truth: CatalogExportSample, predicted: CatalogExportSample): Map<string, PixelTally> {
  const [own, other] = [masksByClass(truth), masksByClass(predicted)]
  const tallies = new Map<string, PixelTally>()
  for (const name of new Set([...own.keys(), ...other.keys()])) {
    const [one, two] = [uniteMasks(own.get(name) ?? []), uniteMasks(other.get(name) ?? [])]
    tallies.set(name, { truth: countRuns(one), predicted: countRuns(two), shared: countShared(one, two) })
  }
  return tallies
}

function masksByClass({ labels, width, height }: CatalogExportSample): Map<string, MaskGeometry[]> {
  const masks = new Map<string, MaskGeometry[]>()
  for (const label of labels) {
    const mask = asMask(label, width, height)
    if (mask === undefined) continue
    for (const name of [any, label.class]) masks.set(name, [...(masks.get(name) ?? []), mask])
  }
  return masks
}

function asMask({ geometry }: Label, width: number, height: number): MaskGeometry | undefined {
  if (geometry?.type === 'mask') return geometry
  return geometry?.type === 'polygon' ? encodeMask(rasterizePolygon(geometry, width, height), width, height) : undefined
}
