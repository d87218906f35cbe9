import { evaluateMasks as spec } from '#contract'
import { formatSampleId, FoveaError, implement, parseSampleId, throwIfAborted, type Operation } from '#base'
import { writeFields, type CatalogExportSample, type EvaluationPort } from '#catalog'
import { judgeMaskLabels, placesOfMasks } from '../masks/judge-labels.ts'
import { anyClass, runsByClass, tallyRuns } from '../masks/tally-masks.ts'
import type { SampleVerdicts } from '../judge/types.ts'
import { countVerdicts, fieldPrefix } from '../verdicts/attributes.ts'
import { countLabels, writeJudgedLabels } from '../verdicts/write-judged.ts'
import { addTally, measurePixels, newTally, type PixelTally } from '../masks/tally.ts'
import { onlyToldOfVersions } from '../only-told.ts'

const worstSamples = 20
/** Handler of evaluation.masks. Masks and polygons count by the pixels they cover. */
export function createMaskEvaluation({ catalog }: { catalog: EvaluationPort }): Operation {
  return implement(spec, async (asked, context) => {
    const dataset = await catalog.resolveDataset(asked.dataset)
    const input = onlyToldOfVersions(asked, dataset)
    const selection = { query: input.query }
    const total = (await catalog.idsOf(dataset, selection)).length
    const truths = catalog.exportSamples(dataset, selection, input.truth)
    const predictions = catalog.exportSamples(dataset, selection, input.predictions)[Symbol.asyncIterator]()
    const pooled = new Map<string, PixelTally & { samples: number }>()
    const dice: { id: number; dice: number | null }[] = []
    const told = { ids: [] as number[], labels: [] as SampleVerdicts[], places: new Map<number, number[][]>() }
    for await (const sample of truths) {
      throwIfAborted(context.signal)
      const { value: predicted } = (await predictions.next()) as { value: CatalogExportSample | undefined }
      if (predicted?.id !== sample.id)
        throw new FoveaError('INTERNAL', 'The dataset changed while it was judged.', { hint: 'Run it again.' })
      const [own, other] = [runsByClass(sample), runsByClass({ ...sample, labels: predicted.labels })]
      const byClass = tallyRuns(own, other)
      const classes = [...other.keys()]
      const id = parseSampleId(sample.id)
      told.ids.push(id)
      told.places.set(id, placesOfMasks(predicted.labels, classes))
      told.labels.push(
        judgeMaskLabels(
          { labels: sample.labels, runs: own },
          { labels: predicted.labels, runs: other },
          byClass,
          classes,
        ),
      )
      for (const [name, tally] of byClass) {
        const sum = pooled.get(name) ?? { ...newTally(), samples: 0 }
        addTally(sum, tally)
        sum.samples++
        pooled.set(name, sum)
      }
      dice.push({ id, dice: measurePixels(byClass.get(anyClass) ?? newTally()).dice })
      if (dice.length % 64 === 0 || dice.length === total)
        context.progress.report({ stage: 'compare', done: dice.length, total, unit: 'samples' })
    }
    const measured = dice.filter((one): one is { id: number; dice: number } => one.dice !== null)
    const prefix = fieldPrefix(input.predictions)
    const field = `${prefix}_dice`
    const place = { dataset, prefix, truth: input.truth, layer: input.predictions }
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
            (open) => writeJudgedLabels(catalog, open, place, told),
          )
        : null
    return {
      samples: dice.length,
      empty: dice.length - measured.length,
      pooled: measurePixels(pooled.get(anyClass) ?? newTally()),
      meanDice: measured.length === 0 ? null : measured.reduce((sum, one) => sum + one.dice, 0) / measured.length,
      classes: [...pooled]
        .filter(([name]) => name !== anyClass)
        .map(([name, tally]) => ({ class: name, samples: tally.samples, pixels: tally.truth, ...measurePixels(tally) }))
        .toSorted((a, b) => b.pixels - a.pixels || (a.class < b.class ? -1 : 1)),
      worst: measured
        .toSorted((a, b) => a.dice - b.dice || a.id - b.id)
        .slice(0, worstSamples)
        .map((one) => ({ sample: formatSampleId(one.id), dice: one.dice })),
      field: change === null ? null : field,
      labels: change === null ? null : countVerdicts(place, countLabels(told)),
      change,
    }
  })
}
