import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { elementType, encodeModel, floats, integers, node, value } from './encode-onnx.ts'

/** Order of logits of the tiny detectors and segmenters. */
const colours = ['red', 'green', 'blue']

export interface TinyTaskModel {
  modelType: string
  /** Added to config.json. */
  config?: Readonly<Record<string, unknown>>
  /** Boxes of a detector, centre and size as fractions: all say the same. */
  boxes?: readonly (readonly [number, number, number, number])[]
  /** Name of the first output. */
  output?: string
}

/**
 * Writes a detector, segmenter or SAM in the layout of the Hugging Face hub that runs in a millisecond. Its logits are ten times
 * the mean colour of the picture, red, green and blue; "no object" of the DETR kind has 3.
 */
export async function writeTinyTaskModel(folder: string, model: TinyTaskModel): Promise<void> {
  const { modelType, config = {} } = model
  const files: Record<string, string | Uint8Array> = {
    'config.json': JSON.stringify({
      model_type: modelType,
      id2label: Object.fromEntries(colours.entries()),
      ...config,
    }),
    'preprocessor_config.json': JSON.stringify(modelType === 'sam' ? samPreprocessing : preprocessing),
  }
  if (modelType === 'sam') {
    files['onnx/vision_encoder.onnx'] = encodeVisionEncoder()
    files['onnx/prompt_encoder_mask_decoder.onnx'] = encodeMaskDecoder(model.output ?? 'pred_masks')
  } else if (modelType === 'segformer') files['onnx/model.onnx'] = encodeSegmenter(model.output ?? 'logits')
  else files['onnx/model.onnx'] = encodeDetector(model, modelType !== 'rt_detr')
  await mkdir(join(folder, 'onnx'), { recursive: true })
  for (const [name, data] of Object.entries(files)) await writeFile(join(folder, name), data)
}

const preprocessing = {
  image_processor_type: 'YolosImageProcessor',
  do_resize: true,
  size: { height: 8, width: 8 },
  resample: 2,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: false,
}
const samPreprocessing = {
  ...preprocessing,
  image_processor_type: 'SamImageProcessor',
  size: { longest_edge: 16 },
  do_pad: true,
  pad_size: { height: 16, width: 16 },
}

const pixels = value('pixel_values', elementType.float, ['n', 3, 'height', 'width'])

function encodeDetector({ boxes = [], output = 'logits' }: TinyTaskModel, hasNone: boolean): Uint8Array {
  const channels = hasNone ? 4 : 3
  const count = boxes.length
  const weights = [0, 1, 2].flatMap((colour) =>
    boxes.flatMap(() => Array.from({ length: channels }, (_, c) => (c === colour ? 10 : 0))),
  )
  const bias = boxes.flatMap(() => Array.from({ length: channels }, (_, c) => (c === 3 ? 3 : 0)))
  return encodeModel({
    nodes: [
      node('GlobalAveragePool', ['pixel_values'], 'pooled'),
      node('Flatten', ['pooled'], 'colour'),
      node('Gemm', ['colour', 'weights', 'bias'], 'rated'),
      node('Reshape', ['rated', 'ratedShape'], output),
      node('Gemm', ['colour', 'nothing', 'places'], 'placed'),
      node('Reshape', ['placed', 'placedShape'], 'pred_boxes'),
    ],
    initializers: [
      floats('weights', [3, count * channels], weights),
      floats('bias', [count * channels], bias),
      floats(
        'nothing',
        [3, count * 4],
        Array.from({ length: 12 * count }, () => 0),
      ),
      floats('places', [count * 4], boxes.flat()),
      integers('ratedShape', [-1, count, channels]),
      integers('placedShape', [-1, count, 4]),
    ],
    inputs: [pixels],
    outputs: [
      value(output, elementType.float, ['n', count, channels]),
      value('pred_boxes', elementType.float, ['n', count, 4]),
    ],
  })
}

function encodeSegmenter(output: string): Uint8Array {
  return encodeModel({
    nodes: [node('Identity', ['pixel_values'], output)],
    initializers: [],
    inputs: [pixels],
    outputs: [value(output, elementType.float, ['n', 3, 'height', 'width'])],
  })
}

const embeddings = (name: string): ReturnType<typeof value> => value(name, elementType.float, ['n', 3, 1, 1])

function encodeVisionEncoder(): Uint8Array {
  return encodeModel({
    nodes: [
      node('GlobalAveragePool', ['pixel_values'], 'image_embeddings'),
      node('Identity', ['image_embeddings'], 'image_positional_embeddings'),
    ],
    initializers: [],
    inputs: [pixels],
    outputs: [embeddings('image_embeddings'), embeddings('image_positional_embeddings')],
  })
}

/** Three masks of one pixel each: the mean colour, plus the sum of the point's coordinates. */
function encodeMaskDecoder(output: string): Uint8Array {
  return encodeModel({
    nodes: [
      node('Add', ['image_embeddings', 'image_positional_embeddings'], 'seen'),
      node('ReduceSum', ['input_points'], 'pointed'),
      node('Reshape', ['pointed', 'one'], 'point'),
      node('Add', ['seen', 'point'], 'both'),
      node('Reshape', ['both', 'masks'], output),
      node('Reshape', ['both', 'scores'], 'iou_scores'),
    ],
    initializers: [integers('one', [1]), integers('masks', [1, 1, 3, 1, 1]), integers('scores', [1, 1, 3])],
    inputs: [
      embeddings('image_embeddings'),
      embeddings('image_positional_embeddings'),
      value('input_points', elementType.float, ['n', 'groups', 'points', 2]),
      value('input_labels', elementType.int64, ['n', 'groups', 'points']),
    ],
    outputs: [
      value('iou_scores', elementType.float, ['n', 'groups', 3]),
      value(output, elementType.float, ['n', 'groups', 3, 'height', 'width']),
    ],
  })
}
