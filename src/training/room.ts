import type { Operation } from '#base'
import type { TrainingDeps } from './deps.ts'
import { createSweep } from './operations/sweep.ts'
import { createTrain } from './operations/train.ts'
import { createTrainerList } from './operations/trainers.ts'

/** Handlers of `training.*`. */
export function createTrainingOperations(deps: TrainingDeps): Operation[] {
  return [createTrain(deps), createSweep(deps), createTrainerList(deps)]
}
