import type { TrainerName, TrainingTask } from '#contract'
import { FoveaError } from '#base'
import type { Trainer } from './types.ts'

/** Trainers by name, loaded when first asked for. */
export type Trainers = Readonly<Partial<Record<TrainerName, () => Promise<Trainer>>>>

/** All of them, in the order of their names. */
export async function loadTrainers(known: Trainers): Promise<Trainer[]> {
  return Promise.all(Object.values(known).map((load) => load()))
}

/** The trainer that was asked for, or the usual one of the task. Throws INPUT_INVALID where it does not train the task. */
export async function chooseTrainer(
  known: Trainers,
  asked: TrainerName | undefined,
  task: TrainingTask,
): Promise<Trainer> {
  const name = asked ?? (task === 'anomaly' ? 'patchcore' : 'head')
  const trainer = await known[name]?.()
  if (trainer?.tasks.includes(task)) return trainer
  const others = (await loadTrainers(known)).filter(({ tasks }) => tasks.includes(task))
  throw new FoveaError(
    'INPUT_INVALID',
    `Trainer ${name} does not train ${task}${trainer === undefined ? '' : `; it trains ${trainer.tasks.join(', ')}`}.`,
    { hint: `For ${task} take --trainer ${others.map((one) => one.name).join(' or ')}.` },
  )
}
