import type { Region } from '#media'
import type { ModelCard } from './card.ts'

/** A picture, or a region of one, to look at. Plain data, so it can travel to a worker thread. */
export interface PictureTask {
  file: string
  /** Rectangle as seen, px; the whole picture when left out. */
  region?: Region
}

/** What is kept of a picture's class probabilities: the most probable classes, best first. */
export interface TopClasses {
  /** Index into the model's class names. */
  classes: Uint16Array
  /** Softmax probabilities. */
  probabilities: Float32Array
}

export type PictureVector =
  | {
      ok: true
      /** Unit length. */
      vector: Float32Array
      /** Length before. */
      norm: number
      /** Absent for models without class names. */
      top?: TopClasses
    }
  | { ok: false; what: string; fix: string }

/** A box that a detector found; px of the picture as seen. */
export interface FoundBox {
  class: string
  /** 0 to 1. */
  score: number
  x: number
  y: number
  w: number
  h: number
}

export type PictureBoxes = { ok: true; boxes: FoundBox[] } | { ok: false; what: string; fix: string }

/** How a model is run; plain data, so that a worker thread can open it. */
export type RunnerSource =
  | { kind: 'onnx'; weights: string; card: ModelCard; classes: number }
  | { kind: 'pixels' }
  | { kind: 'hub'; folder: string }

/** A model that was opened on some thread. */
export interface Runner {
  readonly dimensions: number
  /** One answer a task, in order. Throws MODEL_MISMATCH, MODEL_OUTPUT. */
  embed(tasks: readonly PictureTask[]): Promise<PictureVector[]>
  /** Vectors of texts in the same space, unit length; absent for models that see pictures only. */
  embedTexts?(texts: readonly string[]): Promise<Float32Array[]>
  /** One answer a task, in order: boxes from `minScore` on, the best first; absent for models that are no detectors. */
  detect?(tasks: readonly PictureTask[], minScore: number): Promise<PictureBoxes[]>
  close(): Promise<void>
}

/** How many of the most probable classes are kept of a picture. */
export const keptClasses = 16
