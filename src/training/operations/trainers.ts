import { listTrainers, type TrainerName } from '#contract'
import { implement, type Operation } from '#base'
import type { TrainingDeps } from '../deps.ts'
import { describeParams } from '../params.ts'
import { loadTrainers } from '../trainers.ts'

/** Handler of training.trainers. */
export function createTrainerList({ trainers }: Pick<TrainingDeps, 'trainers'>): Operation {
  return implement(listTrainers, async () => ({
    trainers: (await loadTrainers(trainers)).map((trainer) => ({
      name: trainer.name as TrainerName,
      title: trainer.title,
      tasks: [...trainer.tasks],
      parameters: describeParams(trainer),
    })),
  }))
}
