// quality: data tests: kinds of checks, suites of them, reports; errors of labels and agreement of annotators.
// It refuses to decode pictures (import measured them) and to write but through the catalogue's door and its own folder of reports.
// Start with types.ts (what a check is), then checks/ (the kinds) and suites/ (the file, the run).
export { createQualityOperations } from './room.ts'
export { createCheckKinds } from './checks/all.ts'
export { createLabelOperations } from './labels/operations/operations.ts'
export { checkProbabilities } from './labels/probabilities.ts'
export { learnConfidently } from './labels/prune.ts'
export { scoreGiven } from './labels/quality.ts'
