// experiments: runs: what was executed with which parameters, on which data, with which metrics by step and artefacts.
// It refuses to execute anything itself. Start with types.ts and store.ts.
export { createRunStore } from './store.ts'
export type { LocalRunStore, MetricPoint, Run, RunState, RunStore, RunWriter } from './types.ts'
