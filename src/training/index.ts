// training: from a slice of a dataset to a registered model, by one of several trainers behind one contract.
// It refuses to serve models and to judge them by measures of its own. Start with types.ts.
export type { Example, TrainedModel, Trainer, TrainingJob, TrainingTask } from './types.ts'
