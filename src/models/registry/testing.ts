import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeTinyNetwork } from '../testing.ts'

/** Writes a classifier of three colours into a folder: card, network and names of classes. */
export async function writeClassifier(
  folder: string,
  {
    weights,
    card = '',
    classes = 'classes.json',
  }: { weights?: readonly number[]; card?: string; classes?: string } = {},
): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'model.onnx'), encodeTinyNetwork(weights === undefined ? {} : { weights }))
  await writeFile(join(folder, 'classes.json'), JSON.stringify(['red', 'green', 'blue']))
  await writeFile(
    join(folder, 'card.toml'),
    `name = "colours"
task = "classification"
weights = "model.onnx"
${card}
[input]
name = "image"
layout = "nchw"
size = [8, 8]
[output]
scores = "logits"
activation = "softmax"
classes = "${classes}"
`,
  )
  return folder
}
