import type { PreTrainedModel, Tensor } from '@huggingface/transformers'
import type { InferenceSession } from 'onnxruntime-node'
import { FoveaError } from '#base'
import { readPixels, type Pixels } from '#media'
import type { EmbeddingLayout } from '../hub-layout.ts'
import type { PictureTask, PictureVector, Runner } from '../types.ts'
import { firstLine, openNetwork, openProcessor, preparePicture } from './hub-network.ts'
import { openTextReader, type TextReader } from './hub-texts.ts'
import { readVectors, type Outputs } from './hub-vectors.ts'
import { loadTransformers } from './transformers.ts'

export interface HubRunnerOptions {
  layout: EmbeddingLayout
  /** Threads inside one operator. */
  threads: number
  maxPixels: number
}

/**
 * Opens a model in the layout of the Hugging Face hub and runs it once on a grey picture. Pictures are prepared as its
 * preprocessor_config.json says. The vector is, by kind of model (`hub-kinds.ts`): the projected embedding of CLIP, the pooled
 * output of SigLIP, the class token after the last norm of ViT, DeiT and DINO, and the pooled output of ConvNeXt, ResNet, Swin and
 * the like. Texts of CLIP and SigLIP get vectors in the same space; their network is opened when the first text comes.
 * Throws MODEL_INVALID, MODEL_MISMATCH, MODEL_OUTPUT.
 */
export async function openHubRunner({ layout, threads, maxPixels }: HubRunnerOptions): Promise<Runner> {
  const hub = await loadTransformers()
  const processor = await openProcessor(hub, layout)
  const model = await openNetwork(hub, layout, layout.pictures, threads)
  const takesOne = hasFixedBatch(model)
  let texts: Promise<TextReader> | undefined

  const run = async (pixels: readonly Tensor[]): Promise<{ vector: Float32Array; norm: number }[]> => {
    const batch = pixels.length === 1 ? pixels[0]! : hub.cat([...pixels], 0)
    let outputs: Outputs
    try {
      outputs = (await model({ pixel_values: batch })) as Outputs
    } catch (error) {
      throw new FoveaError(
        'MODEL_MISMATCH',
        `${layout.pictures.file} does not take ${batch.dims.join(' × ')}: ${firstLine(error)}`,
        {
          hint: 'Take preprocessor_config.json from where the model was exported.',
          cause: error,
        },
      )
    }
    return readVectors(outputs, { rows: pixels.length, reads: layout.kind.reads, file: layout.pictures.file })
  }

  const prepare = async (picture: Pixels): Promise<Tensor> =>
    (await preparePicture(hub, processor, layout, picture)).pixel_values

  const closeAll = async (): Promise<void> => {
    await model.dispose()
    await (await texts?.catch(() => undefined))?.close()
  }

  let dimensions: number
  try {
    const grey = new Uint8Array(3 * warmUpPx * warmUpPx).fill(127)
    const [first] = await run([await prepare({ data: grey, widthPx: warmUpPx, heightPx: warmUpPx })])
    dimensions = first!.vector.length
  } catch (error) {
    await closeAll()
    throw error
  }

  const readOne = async ({ file, region }: PictureTask): Promise<Tensor | (PictureVector & { ok: false })> => {
    try {
      return await prepare(await readPixels(file, { maxPixels }, region))
    } catch (error) {
      if (error instanceof FoveaError && error.code.startsWith('MEDIA_'))
        return { ok: false, what: error.message, fix: error.hint ?? '' }
      throw error
    }
  }

  const embedTexts = async (said: readonly string[]): Promise<Float32Array[]> => {
    texts ??= openTextReader(hub, layout, () => openNetwork(hub, layout, layout.texts!, threads))
    const vectors = await (await texts).read(said)
    const odd = vectors.find((vector) => vector.length !== dimensions)
    if (odd !== undefined)
      throw new FoveaError(
        'MODEL_MISMATCH',
        `Texts become ${odd.length} numbers and pictures ${dimensions} in ${layout.folder}.`,
        {
          hint: 'Take both networks from the same export.',
        },
      )
    return vectors
  }

  return {
    dimensions,
    async embed(tasks) {
      const answers: PictureVector[] = []
      const pending: { at: number; pixels: Tensor }[] = []
      // One after the other: a picture at its own size is large, and what the network takes of it is small.
      for (const [at, task] of tasks.entries()) {
        const read = await readOne(task)
        if ('ok' in read) answers[at] = read
        else pending.push({ at, pixels: read })
      }
      for (const group of takesOne ? pending.map((each) => [each]) : groupByShape(pending)) {
        const vectors = await run(group.map(({ pixels }) => pixels))
        group.forEach(({ at }, i) => (answers[at] = { ok: true, ...vectors[i]! }))
      }
      return answers
    },
    ...(layout.texts === undefined ? {} : { embedTexts }),
    close: closeAll,
  }
}

const warmUpPx = 64

/** Whether a network was exported for one picture at a time. */
function hasFixedBatch(model: PreTrainedModel): boolean {
  const session = model.sessions['model'] as InferenceSession
  const input = session.inputMetadata.find(({ name }) => name === 'pixel_values')
  return input?.isTensor === true && input.shape[0] === 1
}

/** Models that keep the aspect of pictures take those of one shape at a time. */
function groupByShape<Entry extends { pixels: Tensor }>(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const shape = entry.pixels.dims.join(' ')
    const group = groups.get(shape)
    if (group === undefined) groups.set(shape, [entry])
    else group.push(entry)
  }
  return [...groups.values()]
}
