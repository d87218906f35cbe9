import { FoveaError, startThread } from '#base'
import type { TrainedModel, Trainer, TrainingJob } from '../types.ts'
import type { ThreadJob, ThreadTrainer, Told } from './messages.ts'

/** The same trainer on a thread of its own, so that the process goes on answering while it computes. */
export const onThread = (name: ThreadTrainer, trainer: Trainer): Trainer => ({
  ...trainer,
  train: (job) => trainInThread(name, job),
})

async function trainInThread(
  trainer: ThreadTrainer,
  { signal, progress, logMetrics, log, noteMemory: _nothingIsStarted, ...job }: TrainingJob,
): Promise<TrainedModel> {
  const worker = startThread(import.meta.url, { trainer, job } satisfies ThreadJob)
  /** Metrics are written one after the other, as they were told. */
  let written: Promise<unknown> = Promise.resolve()
  const cancel = (): void => worker.postMessage('cancel', [])
  try {
    const trained = await new Promise<TrainedModel>((resolve, reject) => {
      worker.on('message', (told: Told) => {
        if ('metrics' in told) {
          written = written.then(() => logMetrics(told.metrics, told.step))
          written.catch((error: Error) => {
            cancel()
            reject(error)
          })
        } else if ('progress' in told) progress.report(told.progress)
        else if ('log' in told) log(told.log)
        else if ('trained' in told) resolve(told.trained)
        else reject(FoveaError.fromBody(told.failed))
      })
      worker.on('error', (error) => reject(stopped(error)))
      worker.on('exit', () => reject(stopped(undefined)))
      signal.addEventListener('abort', cancel)
      if (signal.aborted) cancel()
    })
    await written
    return trained
  } finally {
    signal.removeEventListener('abort', cancel)
    await written.catch(() => {})
  }
}

const stopped = (cause: Error | undefined): FoveaError =>
  new FoveaError(
    'TRAINER_FAILED',
    `The thread of the training stopped${cause === undefined ? '' : ` (${cause.message})`}.`,
    { hint: 'Make sure that there is memory enough, then take it up again: fovea train --resume last', cause },
  )
