import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import { writeFileAtomic } from '#base'
import { builtInBackbone } from '#models'
import type { PatchcoreParams } from './params.ts'
import { describeInput } from './patches.ts'

/** Writes `model.onnx` and `card.toml` into a folder. */
export async function writeDetector(
  folder: string,
  detector: Uint8Array,
  threshold: number,
  params: PatchcoreParams,
): Promise<void> {
  const { card } = await builtInBackbone()
  await mkdir(folder, { recursive: true })
  await writeFileAtomic(join(folder, 'model.onnx'), detector)
  await writeFileAtomic(
    join(folder, 'card.toml'),
    stringify({
      name: 'patchcore',
      title: `PatchCore over ${card.title}`,
      task: 'anomaly',
      weights: 'model.onnx',
      sha256: createHash('sha256').update(detector).digest('hex'),
      licence: card.licence,
      source: card.source,
      input: await describeInput(params),
      output: { score: 'score', map: 'map', threshold },
    }),
  )
}
