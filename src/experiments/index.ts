// experiments: runs: what was executed with which parameters, on which data, with which metrics by step and artefacts.
// It refuses to execute anything itself: running again goes through a port. Start with types.ts and store.ts.
export { createRunOperations, type CallOperation } from './operations.ts'
export { createRunStore } from './store.ts'
export type { LocalRunStore, Run, RunStore, RunWriter } from './types.ts'
