// Training as the product does it, in a folder that is removed afterwards; for the benches of trainers.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentProgress } from '#base'
import type { createTrainers } from '#training'
import { measureMs } from './bench.ts'

export type Trainer = Awaited<ReturnType<ReturnType<typeof createTrainers>['head']>>
type TrainingJob = Parameters<Trainer['train']>[0]
type TrainedModel = Awaited<ReturnType<Trainer['train']>>

export const maxPixels = 1e8

/** Trains with the trainer's own defaults and has the model judged; answers what the judge says, and the time of the training alone. */
export async function measureTraining<T>(
  trainer: Trainer,
  given: Pick<TrainingJob, 'task' | 'train' | 'validation' | 'classes' | 'seed'>,
  judge: (model: TrainedModel) => Promise<T> | T,
): Promise<{ ms: number; judged: T }> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  try {
    const { ms, value } = await measureMs(() =>
      trainer.train({
        ...given,
        target: null,
        params: (trainer.taskParams?.[given.task] ?? trainer.params).parse({}) as TrainingJob['params'],
        folder,
        threads: availableParallelism(),
        maxPixels,
        signal: new AbortController().signal,
        progress: silentProgress,
        logMetrics: async () => {},
        log: () => {},
      }),
    )
    return { ms, judged: await judge(value) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
