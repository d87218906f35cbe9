import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { elementType, encodeModel, floats, node, value } from '../encode-onnx.ts'

/** A network of operators from `image`, [n, 3, 8, 8] or of the batch that is told, to outputs of some shapes. */
export function encodeNetwork(options: {
  nodes: readonly Uint8Array[]
  outputs: Readonly<Record<string, readonly (number | string)[]>>
  initializers?: readonly Uint8Array[]
  batch?: number | string
  type?: number
}): Uint8Array {
  const { nodes, outputs, initializers = [], batch = 'n', type = elementType.float } = options
  return encodeModel({
    nodes,
    initializers,
    inputs: [value('image', type, [batch, 3, 8, 8])],
    outputs: Object.entries(outputs).map(([name, dims]) => value(name, elementType.float, dims)),
  })
}

/** `colour`, [n, 3]: mean of red, green and blue. */
export const meanColour = [node('GlobalAveragePool', ['image'], 'pooled'), node('Flatten', ['pooled'], 'colour')]

/** Scores that are the mean colour. */
export const encodeColourNetwork = (): Uint8Array => encodeNetwork({ nodes: meanColour, outputs: { colour: ['n', 3] } })

/** Maps that are the picture. */
export const encodeEchoNetwork = (): Uint8Array =>
  encodeNetwork({ nodes: [node('Identity', ['image'], 'maps')], outputs: { maps: ['n', 3, 8, 8] } })

/** Boxes and scores that are the same for every picture. */
export const encodeBoxNetwork = (boxes: readonly number[], scores: readonly number[]): Uint8Array => {
  const count = boxes.length / 4
  return encodeNetwork({
    batch: 1,
    nodes: [node('Identity', ['allBoxes'], 'boxes'), node('Identity', ['allScores'], 'scores')],
    initializers: [
      floats('allBoxes', [1, count, 4], boxes),
      floats('allScores', [1, count, scores.length / count], scores),
    ],
    outputs: { boxes: [1, count, 4], scores: [1, count, scores.length / count] },
  })
}

/** Writes card, network and class names into a folder. */
export async function writeTaskModel(
  folder: string,
  model: {
    task: string
    output: string
    input?: string
    network: Uint8Array
    classes?: readonly string[]
    lines?: string
  },
): Promise<string> {
  await writeFile(join(folder, 'model.onnx'), model.network)
  if (model.classes !== undefined) await writeFile(join(folder, 'classes.json'), JSON.stringify(model.classes))
  await writeFile(
    join(folder, 'card.toml'),
    `name = "tiny"
task = "${model.task}"
weights = "model.onnx"
${model.lines ?? ''}
[input]
name = "image"
layout = "nchw"
size = [8, 8]
interpolation = "linear"
${model.input ?? ''}
[output]
${model.output}
`,
  )
  return folder
}
