import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { InferenceSession } from 'onnxruntime-node'
import { FoveaError, loadOnnxRuntime } from '#base'
import { readCard, type ModelCard } from '../card.ts'
import { cutGraph } from './cut.ts'

/** The weights that come with fovea, and their card: multiples of 32 px a side, input as the card says. */
export async function builtInBackbone(): Promise<{ file: string; card: ModelCard }> {
  const path = fileURLToPath(new URL('../builtin/efficientnet-lite0.toml', import.meta.url))
  const card = await readCard(path)
  return { file: join(dirname(path), card.weights), card }
}

export interface BackboneOptions {
  /** Outputs of the built-in backbone: features, logits, stride4, stride8, stride16, stride32. */
  outputs: readonly string[]
  /** Threads inside one operator. */
  threads: number
}

/** The built-in backbone, opened for some of its outputs; runs take turns. */
export interface Backbone {
  /**
   * `input` is [N, 3, height, width] as `dims` says, height and width multiples of 32, already scaled as the card says. Answers with
   * the outputs by name, row by row; they are the caller's. Throws INPUT_INVALID for other sizes.
   */
  run(input: Float32Array, dims: readonly [number, number, number, number]): Promise<Record<string, Float32Array>>
  close(): Promise<void>
}

/** Opens the built-in backbone with nothing but what the outputs need. Throws MODEL_INVALID for outputs that it does not have. */
export async function openBackbone({ outputs, threads }: BackboneOptions): Promise<Backbone> {
  const { file, card } = await builtInBackbone()
  const cut = cutGraph(await readFile(file), outputs)
  const ort = await loadOnnxRuntime()
  const session: InferenceSession = await ort.InferenceSession.create(cut, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  })
  let last: Promise<unknown> = Promise.resolve()
  const run: Backbone['run'] = async (input, dims) => {
    const [count, channels, height, width] = dims
    if (channels !== 3 || height % 32 !== 0 || width % 32 !== 0 || input.length !== count * 3 * height * width)
      throw new FoveaError(
        'INPUT_INVALID',
        `Expected N × 3 × height × width with sides in multiples of 32 px, got ${dims.join(' × ')} and ${input.length} numbers.`,
      )
    const answers = await session.run({ [card.input.name]: new ort.Tensor('float32', input, dims) }, [...outputs])
    return Object.fromEntries(outputs.map((name) => [name, answers[name]!.data as Float32Array]))
  }
  return {
    run(input, dims) {
      const turn = last.then(() => run(input, dims))
      last = turn.catch(() => {})
      return turn
    },
    async close() {
      await last
      await session.release()
    },
  }
}
