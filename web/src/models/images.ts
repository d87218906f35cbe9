import { quoteName, quoteText } from '../shell/view.ts'
import type { Evaluation } from './version.ts'

/** The field that says what each sample came to; undefined where none was written. */
const outcomeField = ({ fields }: Evaluation): string | undefined => fields.find((name) => name.endsWith('_outcome'))

/** How queries name the true class: `class`, or that of a layer of another name. */
const trueClass = (truth: string): string => (truth === 'truth' ? 'class' : `layer(${quoteText(truth)}).class`)

/** Last row and column of the confusion matrix of boxes and masks: what is not there, and what was missed. */
export const noClass = '(none)'

/** How queries name the labels of a layer. */
const labelsOf = (layer: string): string => (layer === 'truth' ? 'labels' : `layer(${quoteText(layer)}).labels`)

/** Finds the samples with boxes or masks of a cell of the confusion matrix. */
function labelsQuery(
  { truth, labels }: { truth: string; labels: NonNullable<Evaluation['labels']> },
  own: string,
  predicted: string,
): string {
  const { attribute, layer } = labels
  if (own === noClass) return `${labelsOf(layer)}[class = ${quoteText(predicted)} and ${attribute} = "fp"]`
  const outcome =
    predicted === noClass
      ? '"fn"'
      : own === predicted
        ? '"tp"'
        : `"confused" and ${attribute}_class = ${quoteText(predicted)}`
  return `${labelsOf(truth)}[class = ${quoteText(own)} and ${attribute} = ${outcome}]`
}

/** Finds the samples of a cell of the confusion matrix; null where evaluation wrote nothing to find them by. */
export function cellQuery(evaluation: Evaluation, own: string, predicted: string): string | null {
  const { task, truth, labels } = evaluation
  if (task === 'detection' || task === 'segmentation')
    return labels === null ? null : labelsQuery({ truth, labels }, own, predicted)
  const field = outcomeField(evaluation)
  if (field === undefined) return null
  return own === predicted
    ? `${quoteName(field)} = "right" and ${trueClass(evaluation.truth)} = ${quoteText(own)}`
    : `${quoteName(field)} = ${quoteText(`${own} taken for ${predicted}`)}`
}

/** Finds the samples of a true class that were judged. */
export function classQuery(evaluation: Evaluation, own: string): string {
  const condition = `${trueClass(evaluation.truth)} = ${quoteText(own)}`
  const { query } = evaluation
  return query === '' ? condition : `(${query}) and ${condition}`
}
