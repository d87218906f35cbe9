import { quote } from '#query'

/** Beginning of the names of fields and attributes that tell what came of a layer or model; a name becomes one that queries can hold. */
export const fieldPrefix = (name: string): string => name.replaceAll(/[^A-Za-z0-9_]/g, '_')

/** Attributes that tell what a label came to. */
export interface VerdictNames {
  /** tp, fp, fn or confused. */
  outcome: string
  iou: string
  /** Class of the label on the other side. */
  class: string
  /** Id of the label on the other side. */
  match: string
}

/** Names of the attributes that an evaluation of `prefix` gives to labels. */
export const verdictNames = (prefix: string): VerdictNames => ({
  outcome: `${prefix}_eval`,
  iou: `${prefix}_eval_iou`,
  class: `${prefix}_eval_class`,
  match: `${prefix}_eval_match`,
})

/** How queries begin that look at labels of a layer. */
const labelsOf = (layer: string): string => (layer === 'truth' ? 'labels' : `layer(${quote(layer, '"')}).labels`)

export interface CountedVerdicts {
  attribute: string
  /** Layer of the predictions. */
  layer: string
  outcomes: { outcome: 'tp' | 'fp' | 'fn' | 'confused'; labels: number; query: string }[]
}

/** How many labels came to what, each with a query that finds them: what was missed among the true labels, the rest among the predictions. */
export function countVerdicts(
  { prefix, truth, layer }: { prefix: string; truth: string; layer: string },
  counts: Readonly<Record<CountedVerdicts['outcomes'][number]['outcome'], number>>,
): CountedVerdicts {
  const attribute = verdictNames(prefix).outcome
  return {
    attribute,
    layer,
    outcomes: (['tp', 'confused', 'fp', 'fn'] as const).map((outcome) => ({
      outcome,
      labels: counts[outcome],
      query: `${labelsOf(outcome === 'fn' ? truth : layer)}[${attribute} = "${outcome}"]`,
    })),
  }
}
