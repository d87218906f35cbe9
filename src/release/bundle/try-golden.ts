import { FoveaError, throwIfAborted } from '#base'
import type { TaskModel } from '#models'
import { compareGolden } from '../golden/answer.ts'
import { askGolden } from '../golden/ask.ts'
import type { BundleManifest } from './manifest.ts'
import type { ReadBundleFile } from './seal.ts'

/** Shows a model the golden pictures of its bundle. Throws MODEL_MISMATCH that says what is answered otherwise. */
export async function tryGolden(
  model: Pick<TaskModel, 'prepare' | 'predict'>,
  { golden }: Pick<BundleManifest, 'golden'>,
  read: ReadBundleFile,
  signal?: AbortSignal,
): Promise<number> {
  const faults: string[] = []
  for (const { file, answer } of golden.pictures) {
    throwIfAborted(signal)
    const found = await askGolden(model, await read(file))
    for (const fault of compareGolden(answer, found, golden.tolerance)) faults.push(`${file}: ${fault}`)
  }
  if (faults.length === 0) return golden.pictures.length
  throw new FoveaError(
    'MODEL_MISMATCH',
    `${faults.length} answers to golden pictures are not as recorded: ${faults.slice(0, 5).join('; ')}.`,
    {
      hint: 'Another build of ONNX Runtime or another decoder may be at work; hold their versions against those of the bundle.',
      details: { faults },
    },
  )
}
