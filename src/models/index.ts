// models: networks and what is done around them: cards, sessions, pre- and post-processing, worker threads, the shelf of
// models of a workspace, the built-in backbone. It refuses to know of datasets: pictures in, vectors and classes out.
// Start with types.ts and shelf.ts; run/onnx.ts is one batch from files to vectors.
export type { Embedder } from './embedder.ts'
export { createEmbedders, type Embedders } from './embedders.ts'
export { createModelOperations } from './operations.ts'
export {
  elementType,
  encodeModel,
  floats,
  integerAttribute,
  integers,
  integersAttribute,
  node,
  stringAttribute,
  value,
  type OnnxGraph,
} from './encode-onnx.ts'
export { builtInBackbone } from './graph/backbone.ts'
export { joinGraphs, readAsHead } from './graph/join.ts'
export { builtInModels, createModelShelf, type ModelShelf, type ShelvedModel } from './shelf.ts'
export { keptClasses, type PictureBoxes, type PictureTask, type PictureVector } from './types.ts'
export { openConcepts, scoreText as rateByClasses } from './concepts/index.ts'
export { fillInput, planChannels } from './run/fill-input.ts'
export { createRegistryOperations } from './registry/operations.ts'
export { createModelRegistry } from './registry/registry.ts'
export { tryTaskModel } from './registry/try-model.ts'
export type { DataSelection, LocalModelRegistry, ModelRegistry, ModelStage, ModelVersion } from './registry/types.ts'
export type {
  PictureSource,
  Prediction,
  PreparedPicture,
  RunHint,
  TaskModel,
  TensorSpec,
  TensorValue,
} from './tasks/types.ts'
export { modelTasks, readTaskCard, type ModelTask, type TaskCard } from './tasks/card.ts'
export { labelOptions, predictionLabels, type LabelOptions } from './tasks/labels.ts'
export { markMap } from './tasks/decide-mask.ts'
export { stretchMap, stretchRows } from './tasks/lead-back.ts'
export { openTaskModel } from './tasks/open.ts'
export { createPrepare, inputOf, planInput } from './tasks/prepare.ts'
export { joinRows, sliceRows } from './tasks/rows.ts'
export { wrapTaskSession } from './tasks/wrap-session.ts'
