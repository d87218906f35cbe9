import type { InferenceSession } from 'onnxruntime-node'
import { FoveaError, loadOnnxRuntime } from '#base'
import { defaultLimits, readResized, type Planes, type ResizePlan } from '#media'
import type { ModelCard } from '../card.ts'
import { keptClasses, type PictureTask, type PictureVector, type Runner, type TopClasses } from '../types.ts'
import { checkSession } from './check-session.ts'
import { fillInput, planChannels } from './fill-input.ts'
import { firstLine, openSession } from './open-session.ts'

/** Pictures in one run: what lies between the layers stays near the core, and memory is that of so few. */
const runBatch = 4

export interface OnnxRunnerOptions {
  weights: string
  card: ModelCard
  /** How many class names the model has; 0 for none. */
  classes: number
  /** Threads inside one operator. */
  threads: number
  maxPixels?: number
}

/**
 * Opens an ONNX network by its card and holds it against what the card says, running it once on an empty picture.
 * Throws MODEL_INVALID, MODEL_MISMATCH.
 */
export async function openOnnxRunner(options: OnnxRunnerOptions): Promise<Runner> {
  const { weights, card, classes, threads } = options
  const limits = { maxPixels: options.maxPixels ?? defaultLimits.maxPixels }
  // Loaded here, so that a thread that needs no network does without its 100 ms and 100 MB.
  const ort = await loadOnnxRuntime()
  const session = await openSession(weights, threads)
  checkSession(session, card, [card.output.features, card.output.logits, ...card.output.maps])
  const plan: ResizePlan = {
    heightPx: card.input.size[0],
    widthPx: card.input.size[1],
    fit: card.input.resize,
    crop: card.input.crop,
    kernel: card.input.interpolation,
    pad: card.input.pad,
  }
  const perPicture = 3 * plan.heightPx * plan.widthPx
  const channels = planChannels(card.input)
  const fetches = [card.output.features, ...(card.output.logits === undefined ? [] : [card.output.logits])]

  // Runs take turns: ONNX Runtime looks at the buffer some time after it was handed over.
  const buffer = new Float32Array(runBatch * perPicture)

  let last: Promise<unknown> = Promise.resolve()
  const run = (pixels: readonly Planes[]): Promise<PictureVector[]> => {
    const turn = last.then(() => runNow(pixels))
    last = turn.catch(() => {})
    return turn
  }
  const runNow = async (pixels: readonly Planes[]): Promise<PictureVector[]> => {
    const data = buffer.subarray(0, pixels.length * perPicture)
    pixels.forEach((picture, i) =>
      fillInput(card.input.layout, channels, picture, data.subarray(i * perPicture, (i + 1) * perPicture)),
    )
    const [height, width] = card.input.size
    const dims = card.input.layout === 'nchw' ? [pixels.length, 3, height, width] : [pixels.length, height, width, 3]
    let outputs: InferenceSession.OnnxValueMapType
    try {
      outputs = await session.run({ [card.input.name]: new ort.Tensor('float32', data, dims) }, fetches)
    } catch (error) {
      throw new FoveaError(
        'MODEL_MISMATCH',
        `Model ${card.name} does not take ${dims.join(' × ')}: ${firstLine(error)}`,
        {
          hint: 'Correct input.size and input.layout of its card.',
          cause: error,
        },
      )
    }
    const features = readOutput(outputs, card.output.features, pixels.length, card)
    if (features.length !== pixels.length * card.output.dimensions)
      throw new FoveaError(
        'MODEL_MISMATCH',
        `Output ${card.output.features} of model ${card.name} has ${features.length / pixels.length} values a picture, its card says ${card.output.dimensions}.`,
        { hint: 'Correct output.dimensions of its card.' },
      )
    const logits =
      card.output.logits === undefined ? undefined : readOutput(outputs, card.output.logits, pixels.length, card)
    return pixels.map((_, i) => {
      const vector = features.slice(i * card.output.dimensions, (i + 1) * card.output.dimensions)
      const norm = normalise(vector)
      if (!Number.isFinite(norm))
        throw new FoveaError(
          'MODEL_OUTPUT',
          `Model ${card.name} answered with values that are no numbers (NaN or infinite).`,
          {
            hint: 'Check mean, std and scale of its card, and that the weights are not half precision that overflows.',
          },
        )
      if (logits === undefined || classes === 0) return { ok: true, vector, norm }
      const count = logits.length / pixels.length
      return { ok: true, vector, norm, top: rankClasses(logits.subarray(i * count, (i + 1) * count), card) }
    })
  }

  // Also the warm-up: the first run lays out memory.
  await run([{ data: new Uint8Array(plan.widthPx * plan.heightPx).fill(127), channels: 1 }])

  return {
    dimensions: card.output.dimensions,
    async embed(tasks) {
      const pictures = await Promise.all(tasks.map((task) => readPicture(task, plan, limits)))
      const good = pictures.flatMap((picture) => ('data' in picture ? [picture] : []))
      const vectors: PictureVector[] = []
      for (let from = 0; from < good.length; from += runBatch)
        vectors.push(...(await run(good.slice(from, from + runBatch))))
      let next = 0
      return pictures.map((picture) => ('data' in picture ? vectors[next++]! : picture))
    },
    close: () => session.release(),
  }
}

async function readPicture(
  { file, region }: PictureTask,
  plan: ResizePlan,
  limits: { maxPixels: number },
): Promise<Planes | (PictureVector & { ok: false })> {
  try {
    return await readResized(file, plan, limits, region)
  } catch (error) {
    if (error instanceof FoveaError) return { ok: false, what: error.message, fix: error.hint ?? '' }
    throw error
  }
}

function readOutput(
  outputs: InferenceSession.OnnxValueMapType,
  name: string,
  rows: number,
  card: ModelCard,
): Float32Array {
  const value = outputs[name]
  const data = value?.data
  if (data instanceof Float32Array && data.length % rows === 0) return data
  throw new FoveaError(
    'MODEL_MISMATCH',
    `Expected 32-bit floats from output ${name} of model ${card.name}, got ${String(value?.type)}.`,
    {
      hint: 'Export the network with float32 outputs, or name another output in its card.',
    },
  )
}

/** Scales to unit length and answers the length before; a zero vector stays zero. */
function normalise(vector: Float32Array): number {
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!
  const norm = Math.sqrt(squares)
  if (norm > 0 && Number.isFinite(norm)) for (let i = 0; i < vector.length; i++) vector[i]! /= norm
  return norm
}

/** Softmax over all logits but the background, and the best of it. */
function rankClasses(logits: Float32Array, { output }: ModelCard): TopClasses {
  const count = Math.min(keptClasses, logits.length - (output.background === undefined ? 0 : 1))
  const best = new Int32Array(count)
  let size = 0
  let highest = -Infinity
  for (let i = 0; i < logits.length; i++) {
    if (i === output.background) continue
    const logit = logits[i]!
    if (logit > highest) highest = logit
    if (size === count && logit <= logits[best[size - 1]!]!) continue
    let at = size < count ? size++ : size - 1
    for (; at > 0 && logits[best[at - 1]!]! < logit; at--) best[at] = best[at - 1]!
    best[at] = i
  }
  let sum = 0
  for (let i = 0; i < logits.length; i++) if (i !== output.background) sum += Math.exp(logits[i]! - highest)
  const offset = output.background === 0 ? 1 : 0
  return {
    classes: Uint16Array.from(best, (i) => i - offset),
    probabilities: Float32Array.from(best, (i) => Math.exp(logits[i]! - highest) / sum),
  }
}
