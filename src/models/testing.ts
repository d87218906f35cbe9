import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { elementType, encodeModel, floats, node, value } from './encode-onnx.ts'

export { writeTinyTaskModel } from './testing-hub-tasks.ts'

export interface TinyNetwork {
  /** Weights of the Gemm from mean colour to features, [3 × 4]. */
  weights?: readonly number[]
  /** Name of the input. */
  input?: string
  /** Height and width; free when left out. */
  sizePx?: number
}

/** Red, green and blue point along the first three axes. */
export const colourWeights = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
/** Classes red, green and blue, sharply told apart. */
const classWeights = [20, 0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0]

/** A network whose features are the mean colour of its picture, with three classes. */
export function encodeTinyNetwork({ weights = colourWeights, input = 'image', sizePx }: TinyNetwork = {}): Uint8Array {
  const side = sizePx ?? 'side'
  return encodeModel({
    nodes: [
      node('GlobalAveragePool', [input], 'pooled'),
      node('Flatten', ['pooled'], 'colour'),
      node('Gemm', ['colour', 'weights'], 'features'),
      node('Gemm', ['features', 'heads'], 'logits'),
    ],
    initializers: [floats('weights', [3, 4], weights), floats('heads', [4, 3], classWeights)],
    inputs: [value(input, elementType.float, ['n', 3, side, side])],
    outputs: [value('features', elementType.float, ['n', 4]), value('logits', elementType.float, ['n', 3])],
  })
}

export interface TinyCard {
  name?: string
  dimensions?: number
  sizePx?: number
  lines?: string
}

/** Writes network, card and class names into a folder. */
export async function writeTinyModel(
  folder: string,
  { name = 'tiny', dimensions = 4, sizePx = 8, lines = '' }: TinyCard = {},
  network: Uint8Array = encodeTinyNetwork(),
): Promise<{ weights: string; card: string }> {
  const weights = join(folder, `${name}.onnx`)
  const card = join(folder, `${name}.toml`)
  await writeFile(weights, network)
  await writeFile(join(folder, 'classes.json'), JSON.stringify(['red', 'green', 'blue']))
  await writeFile(
    card,
    `name = "${name}"
title = "Mean colour"
task = "embedding"
weights = "${name}.onnx"
licence = "Apache-2.0"
${lines}
[input]
name = "image"
layout = "nchw"
size = [${sizePx}, ${sizePx}]
[output]
features = "features"
dimensions = ${dimensions}
logits = "logits"
classes = "classes.json"
`,
  )
  return { weights, card }
}

/** A picture of one colour. */
export async function writeColour(
  file: string,
  [r, g, b]: readonly [number, number, number],
  size: { width: number; height: number } = { width: 16, height: 16 },
): Promise<string> {
  await sharp({ create: { ...size, channels: 3, background: { r, g, b } } })
    .png()
    .toFile(file)
  return file
}
