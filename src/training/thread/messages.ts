import type { ErrorBody } from '#contract'
import type { ProgressEvent } from '#base'
import type { TrainedModel, TrainingJob } from '../types.ts'

/** Trainers that compute in this process, and so need a thread. */
export type ThreadTrainer = 'head' | 'patchcore'

/** What a thread is started with: a job without its functions. */
export interface ThreadJob {
  trainer: ThreadTrainer
  job: Omit<TrainingJob, 'signal' | 'progress' | 'logMetrics' | 'log' | 'noteMemory'>
}

/** What a thread tells, in this order; `trained` or `failed` comes last. */
export type Told =
  | { metrics: Record<string, number>; step: number }
  | { progress: ProgressEvent }
  | { log: string }
  | { trained: TrainedModel }
  | { failed: ErrorBody }
