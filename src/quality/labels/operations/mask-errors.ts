import { setImmediate } from 'node:timers/promises'
import { findMaskErrors, type Label } from '#contract'
import {
  decodeMask,
  FoveaError,
  implement,
  parseSampleId,
  rasterizePolygon,
  throwIfAborted,
  type Operation,
} from '#base'
import { listSkipped } from '../given.ts'
import { givenProbabilities, scorePixels, type PixelClass } from '../pixels.ts'
import type { LabelDeps } from './deps.ts'
import { nameSamples, roundScore, saveVerdicts } from './save.ts'

/** Handler of `quality.mask-errors`. */
export function createMaskErrors({ catalog }: LabelDeps): Operation {
  return implement(findMaskErrors, async (input, { actor, signal, progress }) => {
    const dataset = await (input.save ? catalog.resolveWritable(input.dataset) : catalog.resolveDataset(input.dataset))
    const { query, threshold } = input
    const scored: { id: number; quality: number; doubted: number }[] = []
    const skipped = { 'no mask': 0, 'no prediction': 0 }
    const labelled = catalog.exportSamples(dataset, { query }, input.layer)[Symbol.asyncIterator]()
    let done = 0
    // Both come in the same order.
    for await (const predicted of catalog.exportSamples(dataset, { query }, input.predictions)) {
      throwIfAborted(signal)
      const next = await labelled.next()
      if (next.done === true) break
      const { width, height, labels } = next.value
      const given = labels.flatMap((label) => toPixels(label, width, height))
      const predictions = predicted.labels
        .flatMap((label) => toPixels(label, width, height))
        .flatMap((one) => (one.score === null ? [] : [{ ...one, score: one.score }]))
      progress.report({ stage: 'masks', done: ++done, unit: 'samples' })
      if (given.length === 0 && predictions.length === 0) skipped['no mask']++
      else if (predictions.length === 0) skipped['no prediction']++
      else
        scored.push({
          id: parseSampleId(predicted.id),
          ...scorePixels(givenProbabilities(given, predictions, width * height)),
        })
      await setImmediate()
    }
    if (scored.length === 0)
      throw new FoveaError(
        'PROBABILITIES_INVALID',
        `Layer ${input.predictions} has no mask or polygon with a score on any of the ${done} samples.`,
        {
          hint: 'Import the masks of a model into a layer, each with the probability of its class as score, and name it with --predictions.',
        },
      )
    const low = scored.filter(({ quality }) => quality < threshold)
    const change = input.save
      ? await saveVerdicts(
          catalog,
          {
            dataset,
            actor,
            operation: findMaskErrors.id,
            summary: `Found ${low.length} samples with doubtful masks among ${scored.length}`,
          },
          {
            ids: scored.map(({ id }) => id),
            fields: { mask_quality: { type: 'number', values: scored.map(({ quality }) => roundScore(quality)) } },
            tag: 'mask_error',
            tagged: low.map(({ id }) => id),
          },
        )
      : null
    const worst = scored.toSorted((a, b) => a.quality - b.quality || a.id - b.id).slice(0, input.limit)
    const names = await nameSamples(
      catalog,
      dataset,
      worst.map(({ id }) => id),
    )
    return {
      samples: scored.length,
      skipped: listSkipped(skipped),
      count: low.length,
      worst: worst.map(({ id, quality, doubted }) => ({
        ...names.get(id)!,
        quality: roundScore(quality),
        doubted: roundScore(doubted),
      })),
      change,
    }
  })
}

/** The pixels of a mask or polygon; none for other labels, and for a mask of another size. */
function toPixels(
  { class: name, geometry, score }: Label,
  width: number,
  height: number,
): (Omit<PixelClass, 'score'> & { score: number | null })[] {
  if (geometry?.type === 'polygon') return [{ class: name, covered: rasterizePolygon(geometry, width, height), score }]
  if (geometry?.type !== 'mask' || geometry.size[0] !== height || geometry.size[1] !== width) return []
  return [{ class: name, covered: decodeMask(geometry), score }]
}
