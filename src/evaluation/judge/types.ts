import type { FieldType, Label, Scalar } from '#contract'
import type { Prediction } from '#models'
import type { Measure } from '../scores/bootstrap.ts'
import type { Curve } from '../scores/ranking.ts'
import type { ReliabilityBin } from '../scores/reliability.ts'

/** A sample and what is right of it. */
export interface TrueSample {
  id: number
  widthPx: number
  heightPx: number
  labels: readonly Label[]
  /** Values of the fields that a regression predicts. */
  values: Readonly<Record<string, number | null>>
}

/** Holds predictions of one task against the truth, sample by sample. */
export interface Judge {
  /** Answers why a sample cannot be judged; undefined when it was. */
  add(sample: TrueSample, prediction: Prediction): string | undefined
  finish(): Judged
}

/** A label that a model says, as the catalogue takes it. */
export function makeLabel(kind: 'class' | 'box', name: string, score: number, box: Label['box'] = null): Label {
  const area = box === null ? null : box.w * box.h
  return { kind, class: name, box, geometry: null, area, score, attributes: {}, author: null }
}

/** What one label came to. */
export interface LabelVerdict {
  /** True positive, false positive, missed (false negative), or taken for another class. */
  outcome: 'tp' | 'fp' | 'fn' | 'confused'
  /** Place of the label on the other side that it belongs to: among the true labels, or among what was said. */
  match: number | null
  /** Class of that label. */
  class: string | null
  /** Of boxes and masks: intersection over union with it. */
  iou: number | null
}

/** What was said, sure enough to be a label. */
export interface SaidLabel {
  /** Place among the boxes or classes of the prediction; of masks that of their class; of an anomaly 0. */
  at: number
  label: Label
  /** Null for what counts neither for nor against: a box on a crowd. */
  verdict: LabelVerdict | null
}

/** What the labels of one sample came to. */
export interface SampleVerdicts {
  /** `at`: place among the labels of the sample. */
  truth: { at: number; verdict: LabelVerdict }[]
  said: SaidLabel[]
}

/** What all samples came to; lists are in the order in which samples were judged. */
export interface Judged {
  ids: readonly number[]
  measure: Measure
  /** Figure of `measure` by which parts of the data are ranked. */
  main: string
  lowerIsBetter: boolean
  /** Figures of all samples that are too dear to draw again and again. */
  extra: Readonly<Record<string, number | null>>
  classes: { class: string; truths: number; predictions: number; figures: Record<string, number | null> }[]
  /** [true class][predicted class]; of boxes and masks one more of both stands for nothing. */
  confusion: { classes: string[]; counts: number[][] } | null
  reliability: ReliabilityBin[] | null
  curves: readonly Curve[]
  outcomes: readonly string[]
  /** What each label came to; null for tasks that do not judge labels one by one. */
  labels: readonly SampleVerdicts[] | null
  /** 1 where the answer counts as right; null for tasks that know only more or less. */
  right: Uint8Array | null
  /** Further fields of the samples, by the end of their name. */
  fields: Readonly<Record<string, { type: FieldType; values: readonly Scalar[] }>>
}

export const nothingMore: Pick<Judged, 'extra' | 'confusion' | 'reliability' | 'curves' | 'fields' | 'labels'> = {
  extra: {},
  confusion: null,
  reliability: null,
  curves: [],
  fields: {},
  labels: null,
}

/** Stands in a confusion matrix of labels for predictions of nothing, and for true labels that were missed. */
export const noClass = '(none)'

/** What a sample came to where there is no class to name. */
export const isRight = 'right'
