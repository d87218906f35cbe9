import { z } from 'zod'

/** What of `config.json` says how many numbers a picture becomes; whatever else stands there is left alone. */
export const hubConfigSchema = z.looseObject({
  model_type: z.string('Expected model_type to name the architecture'),
  _name_or_path: z.string().optional(),
  projection_dim: z.int().positive().optional(),
  hidden_size: z.int().positive().optional(),
  hidden_dim: z.int().positive().optional(),
  hidden_sizes: z.array(z.int().positive()).optional(),
  neck_hidden_sizes: z.array(z.int().positive()).optional(),
  vision_config: z.looseObject({ hidden_size: z.int().positive().optional() }).optional(),
  text_config: z.looseObject({ max_position_embeddings: z.int().positive().optional() }).optional(),
  architectures: z.array(z.string()).optional(),
  id2label: z.record(z.string(), z.string()).optional(),
})
export type HubConfig = z.output<typeof hubConfigSchema>

/** How a kind of model is turned into one vector a picture. */
export interface HubKind {
  /** Names of the network's file below `onnx/`, without variant and ending; the first that is there is taken. */
  pictures: readonly string[]
  /** The network of texts in the same space, where the kind has one. */
  texts?: {
    file: string
    /** Tokens that a text has at most; longer ones are cut. */
    tokens: number
    /** `longest`: to the longest text of the batch. `full`: always to `tokens`, as SigLIP was trained. */
    padding: 'longest' | 'full'
  }
  /**
   * `projection`: image_embeds of CLIP, or pooler_output of SigLIP (there is no projection after it).
   * `class-token`: the first token of last_hidden_state, after the last norm.
   * `pool`: pooler_output, or else the mean of last_hidden_state over positions.
   */
  reads: 'projection' | 'class-token' | 'pool'
  /** Length of the vector, as far as the configuration tells. */
  dimensions(config: HubConfig): number | undefined
}

const clipTexts = { file: 'text_model', tokens: 77, padding: 'longest' } as const
const siglipTexts = { file: 'text_model', tokens: 64, padding: 'full' } as const

// Where a number may be left out of config.json, the default is that of transformers 4.57 (CLIPConfig, SiglipVisionConfig).
const clip: HubKind = {
  pictures: ['vision_model'],
  texts: clipTexts,
  reads: 'projection',
  dimensions: (config) => config.projection_dim ?? 512,
}
const siglip: HubKind = {
  pictures: ['vision_model'],
  texts: siglipTexts,
  reads: 'projection',
  dimensions: (config) => config.vision_config?.hidden_size ?? 768,
}
const transformer: HubKind = {
  pictures: ['model'],
  reads: 'class-token',
  dimensions: (config) => config.hidden_size,
}
const pooled: HubKind = {
  pictures: ['model'],
  reads: 'pool',
  dimensions: (config) => config.hidden_size ?? config.hidden_sizes?.at(-1),
}

/** Architectures (`model_type` of config.json) that have a vector of a whole picture. */
export const hubKinds: Readonly<Record<string, HubKind>> = {
  clip,
  clip_vision_model: { ...clip, pictures: ['vision_model', 'model'], texts: undefined },
  siglip,
  siglip_vision_model: {
    ...siglip,
    pictures: ['vision_model', 'model'],
    texts: undefined,
    dimensions: (config) => config.hidden_size ?? 768,
  },
  deit: transformer,
  dinov2: transformer,
  dinov2_with_registers: transformer,
  dinov3_vit: transformer,
  vit: transformer,
  vit_msn: transformer,
  convnext: pooled,
  convnextv2: pooled,
  dinov3_convnext: pooled,
  efficientnet: { ...pooled, dimensions: (config) => config.hidden_dim },
  ijepa: pooled,
  mobilevit: { ...pooled, dimensions: (config) => config.neck_hidden_sizes?.at(-1) },
  resnet: pooled,
  swin: pooled,
}

/** Variants of a network, the most exact first: ending of the file's name, and what transformers.js calls it. */
export const hubVariants = [
  ['', 'fp32'],
  ['_fp16', 'fp16'],
  ['_quantized', 'q8'],
  ['_int8', 'int8'],
  ['_uint8', 'uint8'],
  ['_q4', 'q4'],
  ['_bnb4', 'bnb4'],
  ['_q4f16', 'q4f16'],
] as const
export type HubVariant = (typeof hubVariants)[number][1]
