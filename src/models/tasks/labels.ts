import type { Label } from '#contract'
import { boxArea, encodeMask, maskArea, maskBounds, pickPixels } from '#base'
import { markMap } from './decide-mask.ts'
import type { TaskCard } from './card.ts'
import type { Prediction } from './types.ts'

/** Class of what an anomaly model finds. */
const anomalyClass = 'anomaly'

export interface LabelOptions {
  /** Only what is as sure as that, 0 to 1; an anomaly goes by the threshold of its model. */
  minScore: number
  /** Every class of a picture from `minScore` on, not the best alone. */
  several: boolean
}

/** How a model's predictions become labels; without a `minScore` its card decides. */
export function labelOptions({ task, output }: TaskCard, minScore: number | undefined): LabelOptions {
  return {
    minScore: minScore ?? (task === 'multilabel' ? output.threshold : 0),
    several: task === 'multilabel',
  }
}

/**
 * Labels of a prediction, as the catalogue takes them, px of the picture as seen: class labels, boxes, one mask for each class; of an
 * anomaly a class label and a mask of the parts from its threshold on. Numbers (`values`) are fields, not labels.
 */
export function predictionLabels(prediction: Prediction, { minScore, several }: LabelOptions): Label[] {
  const { classes = [], boxes = [], mask, anomaly, widthPx, heightPx } = prediction
  const named = (several ? classes : classes.slice(0, 1)).filter((each) => each.score >= minScore)
  return [
    ...named.map((each) => makeLabel('class', each.class, each.score)),
    ...boxes
      .filter((each) => each.score >= minScore)
      .map(({ x, y, w, h, ...each }) => {
        const box = { x, y, w, h }
        return { ...makeLabel('box', each.class, each.score), box, area: boxArea(box) }
      }),
    ...(mask === undefined
      ? []
      : mask.classes.flatMap((name, i) =>
          mask.scores[i]! > 0 && mask.scores[i]! >= minScore
            ? maskLabel(name, mask.scores[i]!, pickPixels(mask.data, i + 1), widthPx, heightPx)
            : [],
        )),
    ...(anomaly === undefined ? [] : anomalyLabels(anomaly, widthPx, heightPx)),
  ]
}

function anomalyLabels(
  { score, threshold, map }: NonNullable<Prediction['anomaly']>,
  widthPx: number,
  heightPx: number,
): Label[] {
  if (score < threshold) return []
  // Scores of anomalies have any scale; only those that are shares can stand as the score of a label.
  const said = score >= 0 && score <= 1 ? score : null
  const label = { ...makeLabel('class', anomalyClass, said), attributes: { anomaly_score: score } }
  if (map.data.length === 1) return [label]
  const pixels = markMap(map, { widthPx, heightPx }, threshold)
  return [label, ...maskLabel(anomalyClass, said, pixels, widthPx, heightPx)]
}

function maskLabel(name: string, score: number | null, pixels: Uint8Array, widthPx: number, heightPx: number): Label[] {
  const geometry = encodeMask(pixels, widthPx, heightPx)
  const box = maskBounds(geometry)
  return box === null ? [] : [{ ...makeLabel('mask', name, score), box, geometry, area: maskArea(geometry) }]
}

function makeLabel(kind: Label['kind'], name: string, score: number | null): Label {
  return { kind, class: name, box: null, geometry: null, area: null, score, attributes: {}, author: null }
}
