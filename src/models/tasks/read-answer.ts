import type { TaskCard } from './card.ts'
import { activate, requireFinite, type Outputs } from './outputs.ts'
import { readBoxes } from './read-boxes.ts'
import { readAnomaly, readMask, takeRow, type SeenPicture } from './read-map.ts'
import type { Prediction } from './types.ts'

/** Outputs of the network that a card names. */
export function namedOutputs({ task, output }: TaskCard): string[] {
  switch (task) {
    case 'classification':
    case 'multilabel':
    case 'segmentation':
      return [output.scores]
    case 'regression':
      return [output.values]
    case 'detection':
      return [output.boxes, output.scores, ...(output.labels === undefined ? [] : [output.labels])]
    case 'anomaly':
      return [output.score, ...(output.map === undefined ? [] : [output.map])]
  }
}

/** What a network says of one picture of a batch. Throws MODEL_MISMATCH, MODEL_OUTPUT. */
export function readAnswer(
  card: TaskCard,
  classes: readonly string[],
  outputs: Outputs,
  row: number,
  picture: SeenPicture,
): Prediction {
  const { widthPx, heightPx } = picture
  switch (card.task) {
    case 'classification':
    case 'multilabel':
      return { widthPx, heightPx, classes: rankClasses(card, classes, outputs, row) }
    case 'regression': {
      const { names, values: name } = card.output
      const values = outputs.read(
        name,
        [outputs.rows, names.length],
        ...(names.length === 1 ? ([[outputs.rows]] as const) : []),
      )
      const own = takeRow(values.data, outputs.rows, row)
      requireFinite(card.name, name, own)
      return { widthPx, heightPx, values: Object.fromEntries(names.map((each, i) => [each, own[i]!])) }
    }
    case 'segmentation':
      return { widthPx, heightPx, mask: readMask(card, classes, outputs, row, picture) }
    case 'detection':
      return { widthPx, heightPx, boxes: readBoxes(card, classes, outputs, row, picture) }
    case 'anomaly':
      return { widthPx, heightPx, anomaly: readAnomaly(card, outputs, row, picture) }
  }
}

function rankClasses(
  { name, output }: Extract<TaskCard, { task: 'classification' | 'multilabel' }>,
  classes: readonly string[],
  outputs: Outputs,
  row: number,
): { class: string; score: number }[] {
  const scores = outputs.read(output.scores, [outputs.rows, classes.length])
  const own = takeRow(scores.data, outputs.rows, row)
  requireFinite(name, output.scores, own)
  const probabilities = activate(name, own, classes.length, output.activation)
  return classes
    .map((each, i) => ({ class: each, score: probabilities[i]! }))
    .toSorted((one, other) => other.score - one.score)
}
