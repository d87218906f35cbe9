import type { HubConfig } from './hub-kinds.ts'

/** What models of the hub are for that do not give vectors. */
export interface HubTask {
  task: 'detection' | 'segmentation' | 'mask-generation'
  /** Names of the network files below `onnx/`, without variant and ending; all of them are needed, in this order. */
  networks: readonly string[]
  /**
   * detection: what makes probabilities of the logits. `softmax`: the last one stands for "no object"; `sigmoid`: each class for
   * itself (focal loss).
   */
  scores?: 'softmax' | 'sigmoid'
}

const one = ['model'] as const
// Scores as post_process_object_detection of each architecture in transformers 4.57 makes them.
const bySoftmax: HubTask = { task: 'detection', networks: one, scores: 'softmax' }
const bySigmoid: HubTask = { task: 'detection', networks: one, scores: 'sigmoid' }
const areas: HubTask = { task: 'segmentation', networks: one }
const prompted: HubTask = { task: 'mask-generation', networks: ['vision_encoder', 'prompt_encoder_mask_decoder'] }

const tasks: Readonly<Record<string, HubTask>> = {
  detr: bySoftmax,
  'table-transformer': bySoftmax,
  yolos: bySoftmax,
  conditional_detr: bySigmoid,
  d_fine: bySigmoid,
  deformable_detr: bySigmoid,
  rf_detr: bySigmoid,
  rt_detr: bySigmoid,
  rt_detr_v2: bySigmoid,
  mask2former: areas,
  maskformer: areas,
  segformer: areas,
  edgetam: prompted,
  sam: prompted,
  sam2: prompted,
  sam3_tracker: prompted,
}

/** Architectures that are taken for a task other than vectors. */
export const taskTypes: readonly string[] = Object.keys(tasks)

/** What a model is for, by its architecture; undefined for one that gives vectors, or that cannot be used. */
export function findHubTask({ model_type: type, architectures = [] }: HubConfig): HubTask | undefined {
  const found = Object.hasOwn(tasks, type) ? tasks[type] : undefined
  // One architecture with two heads: boxes, or areas beside them.
  return type === 'detr' && architectures.some((name) => name.endsWith('ForSegmentation')) ? areas : found
}

const purposes: readonly (readonly [what: string, types: readonly string[]])[] = [
  ['looks for objects that a text names', ['grounding-dino', 'owlv2', 'owlvit']],
  ['cuts out areas that a text names', ['clipseg', 'oneformer', 'sam3']],
  ['follows objects through a video', ['sam2_video']],
  ['cuts out hair and fur', ['vitmatte']],
  ['estimates depth', ['depth_anything', 'depth_pro', 'dpt', 'glpn']],
]

/** What a model that cannot be used is made for, as "estimates depth"; undefined for one that is not known. */
export function describePurpose(modelType: string): string | undefined {
  return purposes.find(([, types]) => types.includes(modelType))?.[0]
}
