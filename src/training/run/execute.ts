import { mkdir } from 'node:fs/promises'
import { toFoveaError, type CallContext, type FoveaError, type Progress } from '#base'
import type { RunWriter } from '#experiments'
import type { TrainingDeps } from '../deps.ts'
import type { PreparedData } from '../data/prepare.ts'
import type { TrainedModel, Trainer, TrainingJob, TrainingTask } from '../types.ts'

/** All that decides what a training gives. */
export interface TrainingPlan {
  trainer: Trainer
  task: TrainingTask
  params: TrainingJob['params']
  data: PreparedData
  field: string | undefined
  normal: string | undefined
  seed: number
}

/** Runs a trainer under an open run; curves go to it as they come. What it leaves lies below `folder`. */
export async function executePlan(
  { threads, maxPixels }: Pick<TrainingDeps, 'threads' | 'maxPixels'>,
  { trainer, task, params, data, field, seed }: TrainingPlan,
  writer: RunWriter,
  place: { folder: string; cache?: string },
  context: CallContext & { progress: Progress },
): Promise<TrainedModel> {
  await mkdir(place.folder, { recursive: true })
  if (place.cache !== undefined) await mkdir(place.cache, { recursive: true })
  const trained = await trainer.train({
    task,
    train: data.train,
    validation: data.validation,
    classes: data.classes,
    target: field ?? null,
    params,
    seed,
    ...place,
    threads,
    maxPixels,
    signal: context.signal,
    progress: context.progress,
    logMetrics: (values, step) => writer.logMetrics(values, step),
    noteMemory: (bytes) => writer.noteMemory(bytes),
    log: (message) => context.log.info(message),
  })
  return trained
}

/** Ends a run as its error says, and answers the error to throw. */
export async function endFailed(writer: RunWriter, caught: unknown, signal: AbortSignal): Promise<FoveaError> {
  const error = toFoveaError(caught)
  const { code, message, hint } = error
  await writer.end(signal.aborted && code === 'CANCELLED' ? 'cancelled' : 'failed', {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
  })
  return error
}
