import type { Progress } from '#base'
import type { Label, TrainingTask } from '#contract'
import type { z } from 'zod'

export type { TrainingTask }

/** One picture to learn from or to be judged by. */
export interface Example {
  /** Number of the sample. */
  id: number
  file: string
  /** As seen, px. */
  widthPx: number
  heightPx: number
  /** Labels of the layer that is learnt. */
  labels: readonly Label[]
  /** The sample's own class, where the layer gives one. */
  class: string | null
  /** Value of the field that is learnt; regression only. */
  value: number | null
  /** Multi-label only: classes that the picture has. */
  classes?: readonly string[]
  /** Anomaly only: whether the picture shows what should not be there. None of those that are learnt from does. */
  isAnomalous?: boolean
}

/** What a trainer gets. It writes below `folder` only, and may find there what an earlier try of the same run left. */
export interface TrainingJob {
  task: TrainingTask
  train: readonly Example[]
  /** Seen for early stopping and curves only, never learnt from. */
  validation: readonly Example[]
  /** Names, without a background; empty for regression and anomaly. */
  classes: readonly string[]
  /** The field that is learnt; regression only. */
  target: string | null
  params: Readonly<Record<string, string | number | boolean>>
  seed: number
  /** Absolute; kept until the run is done, so that checkpoints can be taken up. */
  folder: string
  /** Absolute; kept between runs that learn from the same pictures, for what is costly to work out again. */
  cache?: string
  threads: number
  maxPixels: number
  signal: AbortSignal
  progress: Progress
  /** Live curves; step counts epochs from 1 on. */
  logMetrics(values: Readonly<Record<string, number>>, step: number): Promise<void>
  /** Takes what programs that the trainer started hold now, bytes; 0 when they have ended. */
  noteMemory?: (bytes: number) => void
  log(message: string): void
}

/** What a trainer leaves: a folder that can be registered as a model. */
export interface TrainedModel {
  /** Absolute; holds `card.toml` (a task card) and all that it names. */
  folder: string
  /** Of the validation part, as the trainer saw them; fovea judges the model by itself afterwards. */
  metrics: Readonly<Record<string, number>>
}

export interface Trainer {
  name: string
  title: string
  tasks: readonly TrainingTask[]
  /** A strict object with defaults; refuses misspelt parameters. */
  params: z.ZodObject
  /** In place of `params`, for tasks that take others. */
  taskParams?: Partial<Record<TrainingTask, z.ZodObject>>
  /** Throws TRAINING_DATA for a slice it cannot learn from, TRAINER_FAILED, CANCELLED. */
  train(job: TrainingJob): Promise<TrainedModel>
}
