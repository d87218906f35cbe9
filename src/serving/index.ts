// serving: models behind names: endpoints with canary and shadow, batching, keys, statistics, and the Open Inference Protocol as data.
// It refuses HTTP (server does that), training and datasets: a picture or tensors in, an answer out.
// Start with types.ts (Serving), then endpoint.ts: one request from the choice of a version to its answer.
export { createServingOperations } from './operations.ts'
export { createServing } from './serving.ts'
export type { Serving } from './types.ts'
export { describeHeat } from './answer/describe.ts'
export { applyThreshold, checkThreshold } from './thresholds.ts'
export { describeConfig, describeModel, describeServer, describeStatistics } from './protocol/describe.ts'
export { readInfer } from './protocol/read-infer.ts'
export { writeInfer } from './protocol/write-infer.ts'
export type { KeyMatch, VersionCounters } from './types.ts'
export { createModelLender, type ModelLender } from './thread/lend.ts'
export { openInThread } from './thread/open-in-thread.ts'
