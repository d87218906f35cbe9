// training: from a slice of a dataset to a registered model, by one of several trainers behind one contract.
// data/ makes checked examples of the slice, run/ and sweep/ execute trainers as tracked runs, head/, patchcore/, torch/ and command/
// are the trainers. It refuses to serve models and to judge them by measures of its own. Start with types.ts and operations/train.ts.
export { createTrainingOperations } from './room.ts'
export { createTrainers } from './create-trainers.ts'
export { createJudge } from './run/judge.ts'
