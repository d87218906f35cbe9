import type { Label, Scalar } from '#contract'
import { decodeMask } from '#base'
import type { CatalogExportSample } from '#catalog'
import type { Prediction, TaskCard } from '#models'
import { placesOfMasks } from '../masks/judge-labels.ts'
import { masksByClass } from '../masks/tally-masks.ts'

/** What models.predict wrote of a sample, as the model had said it; masks of one picture do not overlap. */
export function readPrediction(
  card: TaskCard,
  classes: readonly string[],
  { labels, width, height }: Pick<CatalogExportSample, 'labels' | 'width' | 'height'>,
  valueOf: (field: string) => Scalar,
): Prediction {
  const size = { widthPx: width, heightPx: height }
  switch (card.task) {
    case 'classification':
    case 'multilabel': {
      const named = placesOfSaid(card, classes, labels).map(([at]) => labels[at!]!)
      if (named.length === 0 && card.task === 'classification') return size
      return { ...size, classes: named.map((label) => ({ class: label.class, score: label.score ?? 1 })) }
    }
    case 'regression':
      return {
        ...size,
        values: Object.fromEntries(
          card.output.names.flatMap((name) =>
            typeof valueOf(name) === 'number' ? [[name, valueOf(name) as number]] : [],
          ),
        ),
      }
    case 'detection':
      return {
        ...size,
        boxes: placesOfSaid(card, classes, labels).map(([at]) => {
          const { box, class: name, score } = labels[at!]!
          return { ...box!, class: name, score: score ?? 1 }
        }),
      }
    case 'segmentation': {
      const data = new Uint8Array(width * height)
      const masks = masksByClass({ labels, width, height })
      classes.forEach((name, i) => {
        for (const mask of masks.get(name) ?? [])
          decodeMask(mask).forEach((inside, at) => {
            if (inside === 1) data[at] = i + 1
          })
      })
      return { ...size, mask: { classes, data, scores: classes.map((name) => (masks.has(name) ? 1 : 0)) } }
    }
    case 'anomaly': {
      const score = valueOf('score')
      if (typeof score !== 'number') return size
      return {
        ...size,
        // The layer holds where the score is high enough, not the score of every part.
        anomaly: {
          score,
          threshold: card.output.threshold,
          map: { widthPx: 1, heightPx: 1, data: Float32Array.of(score) },
        },
      }
    }
  }
}

/**
 * Places among the labels of a sample of what a prediction holds: one each of the classes, best score first, and of the boxes; those of each class
 * of masks; all of an anomaly.
 */
export function placesOfSaid(
  { task }: Pick<TaskCard, 'task'>,
  classes: readonly string[],
  labels: readonly Label[],
): number[][] {
  const places = [...labels.keys()]
  const scoreAt = (at: number): number => labels[at]!.score ?? 1
  switch (task) {
    case 'classification':
    case 'multilabel':
      return places
        .filter((at) => labels[at]!.kind === 'class')
        .toSorted((a, b) => scoreAt(b) - scoreAt(a))
        .map((at) => [at])
    case 'detection':
      return places.filter((at) => labels[at]!.box !== null).map((at) => [at])
    case 'segmentation':
      return placesOfMasks(labels, classes)
    case 'anomaly':
      return [places]
    case 'regression':
      return []
  }
}
