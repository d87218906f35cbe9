import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import { writeFileAtomic } from '#base'
import { builtInBackbone } from '#models'
import type { Weights } from '../../graph/adam.ts'
import type { DecoderPlan } from './decoder.ts'
import { encodeSegmenter } from './network.ts'

/** Writes `model.onnx`, `classes.json` and `card.toml` into a folder: backbone and decoder as one network, for squares of `sizePx`. */
export async function writeSegmenter(
  folder: string,
  {
    plan,
    weights,
    classes,
    sizePx,
  }: { plan: DecoderPlan; weights: Weights; classes: readonly string[]; sizePx: number },
): Promise<void> {
  const { file, card } = await builtInBackbone()
  const model = encodeSegmenter(plan, weights, await readFile(file))
  const { name, layout, interpolation, scale, mean, std, channels } = card.input
  await mkdir(folder, { recursive: true })
  await writeFileAtomic(join(folder, 'model.onnx'), model)
  await writeFileAtomic(join(folder, 'classes.json'), `${JSON.stringify(classes)}\n`)
  await writeFileAtomic(
    join(folder, 'card.toml'),
    stringify({
      name: 'head-segmentation',
      title: `Decoder over ${card.title}`,
      task: 'segmentation',
      weights: 'model.onnx',
      sha256: createHash('sha256').update(model).digest('hex'),
      licence: card.licence,
      source: card.source,
      input: { name, layout, size: [sizePx, sizePx], resize: 'exact', interpolation, scale, mean, std, channels },
      output: { scores: 'probabilities', activation: 'none', classes: 'classes.json', background: true },
    }),
  )
}
