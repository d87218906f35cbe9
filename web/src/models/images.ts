import { quoteName, quoteText } from '../shell/view.ts'
import type { Evaluation } from './version.ts'

/** The field that says what each sample came to; undefined where none was written. */
const outcomeField = ({ fields }: Evaluation): string | undefined => fields.find((name) => name.endsWith('_outcome'))

/** How queries name the true class: `class`, or that of a layer of another name. */
const trueClass = (truth: string): string => (truth === 'truth' ? 'class' : `layer(${quoteText(truth)}).class`)

/** Finds the samples of a cell of the confusion matrix; null where evaluation wrote no field. */
export function cellQuery(evaluation: Evaluation, own: string, predicted: string): string | null {
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
