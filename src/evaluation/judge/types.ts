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
  confusion: { classes: string[]; counts: number[][] } | null
  reliability: ReliabilityBin[] | null
  curves: readonly Curve[]
  outcomes: readonly string[]
  /** 1 where the answer counts as right; null for tasks that know only more or less. */
  right: Uint8Array | null
  /** Further fields of the samples, by the end of their name. */
  fields: Readonly<Record<string, { type: FieldType; values: readonly Scalar[] }>>
}

export const nothingMore: Pick<Judged, 'extra' | 'confusion' | 'reliability' | 'curves' | 'fields'> = {
  extra: {},
  confusion: null,
  reliability: null,
  curves: [],
  fields: {},
}

/** What a sample came to where there is no class to name. */
export const isRight = 'right'
