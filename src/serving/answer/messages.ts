import type { ErrorBody } from '#contract'
import type { Prediction } from '#models'
import type { AnswerOptions } from './describe.ts'

/** How an answer is to be written: as JSON, or as a PNG. */
export type Form = { json: AnswerOptions } | { png: { asMask: boolean } }

export interface Ask {
  prediction: Prediction
  form: Form
}

export type Written = { json: Record<string, unknown> } | { png: Uint8Array }
export type Reply = Written | { error: ErrorBody }
