import type { MediaFacts, MaskGeometry } from '#contract'

export interface ReadLimits {
  /** Refuse pictures with more pixels than this (width × height × frames decoded). */
  maxPixels: number
}

export const defaultLimits: ReadLimits = { maxPixels: 250_000_000 }

/** Kinds of things that can be wrong with an image file; stable codes for problem rows. */
export type MediaProblemCode =
  | 'image-empty'
  | 'image-missing'
  | 'image-unreadable'
  | 'image-truncated'
  | 'image-unsupported'
  | 'image-too-large'
  | 'mask-unreadable'
  | 'mask-size'

export interface MediaProblem {
  code: MediaProblemCode
  what: string
  fix: string
}

/** One image to examine. Plain data, so it can travel to a worker thread. */
export interface ExamineTask {
  file: string
  /** Folder of the thumbnail cache; the thumbnail is named by the MD5 of the image. Null: make none. */
  thumbnails: string | null
  limits: ReadLimits
  /** Pixel masks to read beside the image. */
  masks: MaskTask[]
}

/** A mask file whose pixel values stand for classes or instances. */
export interface MaskTask {
  file: string
  /**
   * `binary`: pixels ≥ threshold of the value range are one region. `index`: each distinct value but `ignore` is a region.
   * `auto`: palette files and files whose only values are small integers are `index`; those with values spread over
   * the whole range (0/255, antialiased 0…255) are `binary`.
   */
  values: 'auto' | 'binary' | 'index'
  /** Values that are never a region: background 0 and, in VOC, the void border 255. */
  ignore: number[]
}

export interface MaskRegion {
  /** Pixel value of the region: 255 for binary, 0xRRGGBB in colour masks, else as it stands in the file. */
  value: number
  mask: MaskGeometry
}

export type MaskResult =
  | { ok: true; values: 'binary' | 'index'; regions: MaskRegion[] }
  | { ok: false; problem: MediaProblem }

export type ExamineResult =
  | { ok: true; facts: MediaFacts; modifiedMs: number; masks: MaskResult[] }
  | { ok: false; problem: MediaProblem }

/** Examines images on worker threads. */
export interface MediaPool {
  /** Never rejects for a bad file, only for CANCELLED. */
  examine(task: ExamineTask, signal?: AbortSignal): Promise<ExamineResult>
  /** How many tasks are worth having in flight. */
  readonly concurrency: number
  close(): Promise<void>
}
