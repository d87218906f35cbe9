import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  elementType,
  encodeModel,
  floats,
  integerAttribute,
  integers,
  integersAttribute,
  node,
  value,
} from './encode-onnx.ts'

/** Length of the tiny models' vectors. */
export const tinyDimensions = 4
/** Red, green and blue point along the first three axes, twice, three and four times as long as what came in. */
const colourWeights = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0]
const vocabulary = ['[PAD]', '[UNK]', 'red', 'green', 'blue']

export interface TinyHubModel {
  modelType: string
  /** Added to config.json. */
  config?: Readonly<Record<string, unknown>>
  /** Weights of the Gemm from mean colour to vector, [3 × 4]. */
  weights?: readonly number[]
  /** Ending of the networks' file names, as `_quantized`. */
  variant?: string
  /** Name of the output of a network of pictures alone. */
  output?: string
  /** Takes one picture at a time. */
  fixedBatch?: boolean
}

/**
 * Writes a model in the layout of the Hugging Face hub that runs in a millisecond: its vector is the mean colour of a picture of
 * 8 × 8, after a matrix. `clip` and `siglip` read the words red, green and blue to the same axes. Others answer with two tokens:
 * the colour, and the same with the axes moved on by one.
 */
export async function writeTinyHubModel(folder: string, model: TinyHubModel): Promise<void> {
  const { modelType, variant = '', weights = colourWeights } = model
  const files: Record<string, string | Uint8Array> = {
    'config.json': JSON.stringify({ model_type: modelType, ...model.config }),
    'preprocessor_config.json': JSON.stringify(preprocessing),
  }
  if (modelType === 'clip' || modelType === 'siglip') {
    const output = modelType === 'clip' ? 'image_embeds' : 'pooler_output'
    files[`onnx/vision_model${variant}.onnx`] = encodeColourNetwork({
      weights,
      output,
      tokens: 1,
      fixedBatch: model.fixedBatch,
    })
    files[`onnx/text_model${variant}.onnx`] = encodeWordNetwork(modelType === 'clip' ? 'text_embeds' : 'pooler_output')
    files['tokenizer.json'] = JSON.stringify(tokenizer)
    files['tokenizer_config.json'] = JSON.stringify({
      tokenizer_class: 'PreTrainedTokenizer',
      pad_token: '[PAD]',
      unk_token: '[UNK]',
      model_max_length: 16,
    })
  } else {
    const { output = 'last_hidden_state', fixedBatch } = model
    files[`onnx/model${variant}.onnx`] = encodeColourNetwork({ weights, output, tokens: 2, fixedBatch })
  }
  await mkdir(join(folder, 'onnx'), { recursive: true })
  for (const [name, data] of Object.entries(files)) await writeFile(join(folder, name), data)
}

const preprocessing = {
  image_processor_type: 'CLIPImageProcessor',
  do_resize: true,
  size: { shortest_edge: 8 },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: 8, width: 8 },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0, 0, 0],
  image_std: [1, 1, 1],
}

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [0, 1].map((id) => ({
    id,
    content: vocabulary[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: null,
  decoder: null,
  model: { type: 'WordLevel', vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])), unk_token: '[UNK]' },
}

interface ColourNetwork {
  weights: readonly number[]
  output: string
  tokens: 1 | 2
  fixedBatch: boolean | undefined
}

/** pixel_values [n × 3 × height × width] to [n × 4], or [n × 2 × 4]. */
function encodeColourNetwork({ weights, output, tokens, fixedBatch }: ColourNetwork): Uint8Array {
  const width = tinyDimensions
  const rows = [0, 1, 2].map((row) => weights.slice(row * width, (row + 1) * width))
  const wide = tokens === 1 ? rows.flat() : rows.flatMap((row) => [...row, row.at(-1)!, ...row.slice(0, -1)])
  const batch = fixedBatch === true ? 1 : 'n'
  const pool = [
    node('GlobalAveragePool', ['pixel_values'], 'pooled'),
    node('Flatten', ['pooled'], 'colour'),
    node('Gemm', ['colour', 'weights'], tokens === 1 ? output : 'both'),
  ]
  return encodeModel({
    nodes: tokens === 1 ? pool : [...pool, node('Reshape', ['both', 'shape'], output)],
    initializers: [
      floats('weights', [3, width * tokens], wide),
      ...(tokens === 1 ? [] : [integers('shape', [-1, tokens, width])]),
    ],
    inputs: [value('pixel_values', elementType.float, [batch, 3, 'height', 'width'])],
    outputs: [value(output, elementType.float, tokens === 1 ? [batch, width] : [batch, tokens, width])],
  })
}

/** input_ids [n × tokens] to the mean of their rows of a table, [n × 4]. */
function encodeWordNetwork(output: string): Uint8Array {
  const table = vocabulary.flatMap((word) => ['red', 'green', 'blue', '[UNK]'].map((axis) => (word === axis ? 5 : 0)))
  return encodeModel({
    nodes: [
      node('Gather', ['table', 'input_ids'], 'words'),
      node('ReduceMean', ['words'], output, [integersAttribute('axes', [1]), integerAttribute('keepdims', 0)]),
    ],
    initializers: [floats('table', [vocabulary.length, tinyDimensions], table)],
    inputs: [value('input_ids', elementType.int64, ['n', 'tokens'])],
    outputs: [value(output, elementType.float, ['n', tinyDimensions])],
  })
}
