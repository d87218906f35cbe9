import { FoveaError } from '#base'
import type { Prediction, TaskCard } from '#models'

/** Whether a threshold changes what a model of a task answers. */
const takesThreshold = (task: string): boolean =>
  ['classification', 'multilabel', 'detection', 'anomaly'].includes(task)

/** Throws INPUT_INVALID for a threshold that would change nothing, or no answer could reach. */
export function checkThreshold(task: string, threshold: number | null): void {
  if (threshold === null) return
  if (!takesThreshold(task))
    throw new FoveaError('INPUT_INVALID', `Expected no threshold for a model of ${task}, got ${threshold}.`, {
      hint: 'Thresholds are for classification, multilabel, detection and anomaly; that of a segmentation stands in its card.',
    })
  if (task !== 'anomaly' && (threshold < 0 || threshold > 1))
    throw new FoveaError('INPUT_INVALID', `Expected a threshold from 0 to 1, got ${threshold}.`)
}

/**
 * The threshold where nobody names one: of several classes those are said that the model's card takes for present. Null leaves the answer as
 * the model gave it, in which boxes and anomalies follow the card already.
 */
export const usualThreshold = (card: TaskCard): number | null =>
  card.task === 'multilabel' ? card.output.threshold : null

/** Boxes and classes below the threshold are left out; anomalies begin at it. Null leaves the answer as the model gave it. */
export function applyThreshold(prediction: Prediction, threshold: number | null): Prediction {
  if (threshold === null) return prediction
  const { classes, boxes, anomaly } = prediction
  return {
    ...prediction,
    ...(classes === undefined ? {} : { classes: classes.filter(({ score }) => score >= threshold) }),
    ...(boxes === undefined ? {} : { boxes: boxes.filter(({ score }) => score >= threshold) }),
    ...(anomaly === undefined ? {} : { anomaly: { ...anomaly, threshold } }),
  }
}
