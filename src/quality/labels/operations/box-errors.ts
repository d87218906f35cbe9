import { findBoxErrors, type Label } from '#contract'
import { FoveaError, implement, parseSampleId, throwIfAborted, type Operation } from '#base'
import type { Catalog, DatasetRef } from '#catalog'
import { listSkipped } from '../given.ts'
import { scoreBoxes, type BoxScores, type FoundBox, type PlacedBox } from '../objectlab.ts'
import type { LabelDeps } from './deps.ts'
import { nameSamples, roundScore, saveVerdicts } from './save.ts'

interface Image {
  id: number
  labels: PlacedBox[]
  predictions: FoundBox[]
}

/** Handler of `quality.box-errors`. */
export function createBoxErrors({ catalog }: LabelDeps): Operation {
  return implement(findBoxErrors, async (input, { actor, signal, progress }) => {
    const dataset = await (input.save ? catalog.resolveWritable(input.dataset) : catalog.resolveDataset(input.dataset))
    const { threshold } = input
    const all: Image[] = []
    const predicted = await readBoxes(catalog, dataset, input.predictions, input.query)
    const labelled = await readBoxes(catalog, dataset, input.layer, input.query)
    for (const [id, labels] of labelled) {
      throwIfAborted(signal)
      const predictions = (predicted.get(id) ?? []).flatMap((box) =>
        box.score === null ? [] : [{ ...box, score: box.score }],
      )
      all.push({ id, labels, predictions })
    }
    const images = all.filter(({ labels, predictions }) => labels.length + predictions.length > 0)
    if (!images.some(({ predictions }) => predictions.length > 0))
      throw new FoveaError(
        'PROBABILITIES_INVALID',
        `Layer ${input.predictions} has no box with a score on any of the ${all.length} samples.`,
        { hint: 'Name a layer with the scored boxes of a model with --predictions.' },
      )
    progress.report({ stage: 'boxes', done: 0, total: images.length, unit: 'samples' })
    const scored = scoreBoxes(images)
    const counts = images.map((_, i) => countErrors(scored[i]!, threshold))
    const tagged = images.flatMap(({ id }, i) => (sumOf(counts[i]!) > 0 ? [id] : []))
    const change = input.save
      ? await saveVerdicts(
          catalog,
          {
            dataset,
            actor,
            operation: findBoxErrors.id,
            summary: `Found ${tagged.length} samples with doubtful boxes among ${images.length}`,
          },
          {
            ids: images.map(({ id }) => id),
            fields: {
              box_quality: { type: 'number', values: scored.map(({ image }) => roundScore(image.quality)) },
            },
            tag: 'box_error',
            tagged,
          },
        )
      : null
    const worst = [...images.keys()]
      .sort((a, b) => scored[a]!.image.quality - scored[b]!.image.quality || a - b)
      .slice(0, input.limit)
    const names = await nameSamples(
      catalog,
      dataset,
      worst.map((i) => images[i]!.id),
    )
    return {
      samples: images.length,
      skipped: listSkipped({ 'no box': all.length - images.length }),
      count: tagged.length,
      boxes: images.reduce((sum, { labels }) => sum + labels.length, 0),
      predicted: images.reduce((sum, { predictions }) => sum + predictions.length, 0),
      overlooked: counts.reduce((sum, { overlooked }) => sum + overlooked, 0),
      misplaced: counts.reduce((sum, { misplaced }) => sum + misplaced, 0),
      swapped: counts.reduce((sum, { swapped }) => sum + swapped, 0),
      worst: worst.map((i) => {
        const { quality, overlooked, misplaced, swapped } = scored[i]!.image
        return {
          ...names.get(images[i]!.id)!,
          quality: roundScore(quality),
          errors: sumOf(counts[i]!),
          overlooked: roundScore(overlooked),
          misplaced: roundScore(misplaced),
          swapped: roundScore(swapped),
          what: describe(counts[i]!),
        }
      }),
      change,
    }
  })
}

/** Boxes of the samples a query matches, in their order. Groups of things (crowd) are no boxes of one. */
async function readBoxes(
  catalog: Catalog,
  dataset: DatasetRef,
  layer: string,
  query: string,
): Promise<Map<number, (PlacedBox & { score: number | null })[]>> {
  const boxes = new Map<number, (PlacedBox & { score: number | null })[]>()
  for await (const sample of catalog.exportSamples(dataset, { query }, layer))
    boxes.set(parseSampleId(sample.id), sample.labels.flatMap(toBox))
  return boxes
}

function toBox({ box, class: name, score, attributes }: Label): (PlacedBox & { score: number | null })[] {
  if (box === null || attributes['crowd'] === true) return []
  return [{ x1: box.x, y1: box.y, x2: box.x + box.w, y2: box.y + box.h, class: name, score }]
}

interface ErrorCounts {
  overlooked: number
  misplaced: number
  swapped: number
}

function countErrors({ overlooked, misplaced, swapped }: BoxScores, threshold: number): ErrorCounts {
  // NaN, of predictions that say nothing, is not below.
  const below = (scores: Float64Array): number => scores.reduce((sum, one) => sum + (one < threshold ? 1 : 0), 0)
  return { overlooked: below(overlooked), misplaced: below(misplaced), swapped: below(swapped) }
}

const sumOf = ({ overlooked, misplaced, swapped }: ErrorCounts): number => overlooked + misplaced + swapped

function describe(counts: ErrorCounts): string {
  const said = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
  return said.length === 0 ? 'nothing below the threshold' : said.join(', ')
}
