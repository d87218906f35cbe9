import type { PreTrainedModel, Tensor } from '@huggingface/transformers'
import { FoveaError } from '#base'
import { readPixels, type Pixels } from '#media'
import type { HubNetwork, TaskLayout } from '../hub-layout.ts'
import type { PictureBoxes, Runner } from '../types.ts'
import { firstLine, openNetwork, openProcessor, preparePicture, type PreparedInput } from './hub-network.ts'
import { readBoxes } from './hub-boxes.ts'
import type { Outputs } from './hub-vectors.ts'
import { loadTransformers } from './transformers.ts'

export interface TaskRunnerOptions {
  layout: TaskLayout
  /** Threads inside one operator. */
  threads: number
  maxPixels: number
}

const warmUpPx = 64

/**
 * Opens a detector, segmenter or promptable segmenter in the layout of the Hugging Face hub and runs it once on a grey picture: all
 * of its networks, one with a point in the middle where it takes one, and holds the answer against what its task answers with.
 * Detectors then find boxes. Throws MODEL_INVALID, MODEL_MISMATCH, MODEL_OUTPUT.
 */
export async function openTaskRunner({ layout, threads, maxPixels }: TaskRunnerOptions): Promise<Runner> {
  const hub = await loadTransformers()
  const processor = await openProcessor(hub, layout)
  const opened: PreTrainedModel[] = []
  const closeAll = async (): Promise<void> => {
    await Promise.all(opened.map((model) => model.dispose()))
  }
  const look = async (picture: Pixels): Promise<Outputs> => {
    const input = await preparePicture(hub, processor, layout, picture)
    let known: Record<string, Tensor> = { ...tensorsOf(input) }
    if (layout.task === 'mask-generation') known = { ...known, ...pointInTheMiddle(hub.Tensor, input) }
    let answer: Outputs = {}
    for (const [i, model] of opened.entries()) {
      answer = await runNetwork(model, known, layout.networks[i]!)
      known = { ...known, ...answer }
    }
    return answer
  }
  const detect = async (picture: Pixels, minScore: number) =>
    readBoxes(await look(picture), { layout, picture, minScore })

  try {
    for (const network of layout.networks) opened.push(await openNetwork(hub, layout, network, threads))
    const grey = new Uint8Array(3 * warmUpPx * warmUpPx).fill(127)
    const picture = { data: grey, widthPx: warmUpPx, heightPx: warmUpPx }
    if (layout.task === 'detection') await detect(picture, 1)
    else checkAnswer(await look(picture), layout)
  } catch (error) {
    await closeAll()
    throw error
  }

  return {
    dimensions: 0,
    embed() {
      return Promise.reject(
        new FoveaError('MODEL_MISMATCH', `A model for ${layout.task} gives no vectors.`, {
          hint: 'fovea models lists those for embedding.',
        }),
      )
    },
    ...(layout.task === 'detection'
      ? {
          async detect(tasks, minScore) {
            const answers: PictureBoxes[] = []
            for (const { file, region } of tasks) {
              try {
                const picture = await readPixels(file, { maxPixels }, region)
                answers.push({ ok: true, boxes: await detect(picture, minScore) })
              } catch (error) {
                if (!(error instanceof FoveaError && error.code.startsWith('MEDIA_'))) throw error
                answers.push({ ok: false, what: error.message, fix: error.hint ?? '' })
              }
            }
            return answers
          },
        }
      : {}),
    close: closeAll,
  }
}

function tensorsOf({ pixel_values, pixel_mask }: PreparedInput): Record<string, Tensor> {
  return { pixel_values, ...(pixel_mask === undefined ? {} : { pixel_mask }) }
}

/** One point on what is seen in the middle, as SAM takes it: px of the prepared picture. */
function pointInTheMiddle(
  make: typeof Tensor,
  { pixel_values, reshaped_input_sizes: sizes }: PreparedInput,
): Record<string, Tensor> {
  const [heightPx, widthPx] = sizes?.[0] ?? (pixel_values.dims.slice(2) as [number, number])
  return {
    input_points: new make('float32', Float32Array.of(widthPx / 2, heightPx / 2), [1, 1, 1, 2]),
    input_labels: new make('int64', BigInt64Array.of(1n), [1, 1, 1]),
    input_boxes: new make('float32', new Float32Array(0), [1, 0, 4]),
  }
}

async function runNetwork(
  model: PreTrainedModel,
  inputs: Record<string, Tensor>,
  { file }: HubNetwork,
): Promise<Outputs> {
  try {
    return (await model(inputs)) as Outputs
  } catch (error) {
    const given = Object.entries(inputs).map(([name, { dims }]) => `${name} [${dims.join(' × ')}]`)
    throw new FoveaError('MODEL_MISMATCH', `${file} does not take ${given.join(', ')}: ${firstLine(error)}`, {
      hint: 'Take preprocessor_config.json and all networks from the same export.',
      cause: error,
    })
  }
}

/** Outputs of each task, one of each set, with how many axes they have. */
const expected = {
  segmentation: [{ logits: 4 }, { class_queries_logits: 3, masks_queries_logits: 4 }, { logits: 3, pred_masks: 4 }],
  'mask-generation': [{ pred_masks: 5, iou_scores: 3 }],
} as const

/** Throws MODEL_INVALID unless the outputs are those of the task, MODEL_OUTPUT for NaN and infinity. */
function checkAnswer(outputs: Outputs, { task, networks }: TaskLayout): void {
  const { file } = networks.at(-1)!
  const sets: readonly Readonly<Record<string, number>>[] = expected[task as keyof typeof expected]
  const fits = sets.find((set) => Object.entries(set).every(([name, axes]) => outputs[name]?.dims.length === axes))
  if (fits === undefined) {
    const found = Object.entries(outputs).map(([name, { dims }]) => `${name} [${dims.join(' × ')}]`)
    throw new FoveaError(
      'MODEL_INVALID',
      `${file} answers with ${found.join(', ')}; expected ${sets.map((set) => Object.keys(set).join(' and ')).join(', or ')}.`,
      { hint: `Export the model for ${task}.` },
    )
  }
  for (const name of Object.keys(fits)) {
    const { data } = outputs[name]! as { data: unknown }
    if (data instanceof Float32Array && !data.every(Number.isFinite))
      throw new FoveaError('MODEL_OUTPUT', `${file} answered ${name} with values that are no numbers.`, {
        hint: 'Take another variant of the model: half precision can overflow.',
      })
  }
}
