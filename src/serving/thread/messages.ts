import type { ErrorBody } from '#contract'
import type { PreparedPicture, TaskModel, TensorValue } from '#models'
import type { PackedPrediction } from './classes.ts'

/** What a thread that holds a model is started with. */
export interface ThreadData {
  folder: string
  threads: number
  maxPixels: number
  spin: boolean
}

export type Ask =
  | { id: number; pictures: readonly PreparedPicture[] }
  | { id: number; inputs: Record<string, TensorValue>; outputs: readonly string[] | undefined }
  | { id: number; close: true }

/** The first message of a thread; `failed` where the model cannot be opened. */
export type Opened = { opened: Pick<TaskModel, 'card' | 'classes' | 'signature'> } | { failed: ErrorBody }

export type Reply =
  | { id: number; predictions: PackedPrediction[] }
  | { id: number; outputs: Record<string, TensorValue> }
  | { id: number; closed: true }
  | { id: number; error: ErrorBody }
