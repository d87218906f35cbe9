// base: what every room stands on: errors, ids, progress, cancellation, time, chance, files, geometry, operations.
// It refuses anything that knows about images' content, the catalogue or the network.
// Start with errors.ts and operation.ts.
export { throwIfAborted } from './abort.ts'
export { createFixedClock, systemClock, type Clock } from './clock.ts'
export { FoveaError, readStorageFault, toFoveaError } from './errors.ts'
export {
  compareCodePoints,
  pathExists,
  resolveInside,
  walkFiles,
  writeFileAtomic,
  type WalkedFile,
  type WalkProblem,
} from './files.ts'
export { hashFile } from './hash-file.ts'
export * from './geometry/index.ts'
export { formatSampleId, parseSampleId } from './ids.ts'
export { loadOnnxRuntime, silenceOnnxRuntime } from './onnx-runtime.ts'
export { implement, type CallContext, type Logger, type MayReach, type Operation } from './operation.ts'
export { silentProgress, type Progress, type ProgressEvent } from './progress.ts'
export { createRng, type Rng } from './rng.ts'
export { startThread } from './thread.ts'
