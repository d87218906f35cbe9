import type { TrainedModel, TrainingJob } from '../types.ts'
import { limitEnvironment } from './environment.ts'
import { createListener } from './messages.ts'
import { readResult } from './read-result.ts'
import { runProcess } from './run-process.ts'
import { writeJob } from './write-job.ts'

interface ForeignTrainer {
  /** Who is to blame in messages. */
  title: string
  /** Program and arguments that are told the path of `job.json`; no shell reads them. */
  argv: (jobFile: string) => readonly [string, ...string[]]
  cwd: string
  /** fovea's own environment; little of it is passed on. */
  env: Readonly<Record<string, string | undefined>>
  /** 0 for no limit. */
  timeoutMinutes: number
  graceMs: number
}

/** Exports the data, runs a program on it and looks through what it left. Throws TRAINING_DATA, TRAINER_FAILED, CANCELLED. */
export async function runTrainer(job: TrainingJob, trainer: ForeignTrainer): Promise<TrainedModel> {
  const paths = await writeJob(job)
  const listen = createListener(job)
  await runProcess({
    argv: trainer.argv(paths.job),
    cwd: trainer.cwd,
    env: { ...limitEnvironment(trainer.env), PYTHONUNBUFFERED: '1', FOVEA_JOB: paths.job },
    title: trainer.title,
    graceMs: trainer.graceMs,
    timeoutMs: trainer.timeoutMinutes * 60_000,
    signal: job.signal,
    onLine: listen,
    ...(job.noteMemory === undefined ? {} : { onMemory: job.noteMemory }),
  })
  return readResult(job, paths, trainer.title)
}
