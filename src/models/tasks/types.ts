import type { Planes, Region } from '#media'
import type { TaskCard } from './card.ts'

/** A picture to look at: a file (or a rectangle of it, px as seen), or its bytes as they were sent. */
export type PictureSource = { file: string; region?: Region } | { bytes: Uint8Array }

/**
 * A picture decoded and fitted to the network, with what is needed to lead the answer back to it. Still in 8 bits: the network's numbers
 * are four times as many bytes, and are made where it runs.
 */
export interface PreparedPicture {
  /** Size of the picture as seen, px. */
  widthPx: number
  heightPx: number
  planes: Planes
}

/** Row-major, little-endian as ONNX Runtime holds it. */
export interface TensorValue {
  type: string
  dims: readonly number[]
  data: ArrayBufferView | readonly string[]
}

/** A free size is −1. */
export interface TensorSpec {
  name: string
  type: string
  dims: readonly number[]
}

/** What a model says of one picture; what its task does not answer is absent. Coordinates are px of the picture as seen. */
export interface Prediction {
  widthPx: number
  heightPx: number
  /** Every class, the best first; scores 0 to 1. */
  classes?: { class: string; score: number }[]
  /** Numbers by the name of their field. */
  values?: Record<string, number>
  boxes?: { class: string; score: number; x: number; y: number; w: number; h: number }[]
  /** One number a pixel, row by row: 0 for background, i for `classes[i - 1]`. */
  mask?: {
    classes: readonly string[]
    data: Uint8Array
    /** Mean probability of the pixels of each class; 0 where it has none. */
    scores: number[]
  }
  /** `score` of the picture; `map` of its parts, in the network's resolution. From `threshold` on it is one. */
  anomaly?: {
    score: number
    threshold: number
    map: { widthPx: number; heightPx: number; data: Float32Array }
  }
}

/** What a model with several threads is told of a run. */
export interface RunHint {
  /**
   * `alone`: nothing else waits, so that all threads may work on it at once. `lane`: others go on beside it. Left out, pictures are
   * spread over all there are.
   */
  run?: 'alone' | 'lane'
  /** Nobody touches what was given until the answer is there: it need not be copied. */
  handedOver?: boolean
}

/** A model of a task, opened. Runs of one session take turns; pictures are decoded beside them. */
export interface TaskModel {
  /** Runs that may go on side by side; one when left out. */
  readonly lanes?: number
  readonly card: TaskCard
  /** Without the background. */
  readonly classes: readonly string[]
  /** Tensors as the network declares them. */
  readonly signature: { inputs: TensorSpec[]; outputs: TensorSpec[] }
  /** Decodes and fits. Throws MEDIA_UNREADABLE and the like for what is no picture or too large. */
  prepare(picture: PictureSource): Promise<PreparedPicture>
  /** One answer a picture, in order. Throws MODEL_OUTPUT, MODEL_MISMATCH. */
  predict(pictures: readonly PreparedPicture[], how?: RunHint): Promise<Prediction[]>
  /**
   * Tensors in, tensors out, nothing around it. The inputs are copied, unless they are handed over. Throws INPUT_INVALID that names the
   * tensor and what was expected.
   */
  infer(
    inputs: Readonly<Record<string, TensorValue>>,
    outputs?: readonly string[],
    how?: RunHint,
  ): Promise<Record<string, TensorValue>>
  close(): Promise<void>
}
