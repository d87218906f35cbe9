import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createRng, FoveaError, throwIfAborted, type Rng } from '#base'
import { cosineRate, startAdam, stepAdam, type Weights } from '../../graph/adam.ts'
import { openGraph, type Feed, type GraphSession } from '../../graph/session.ts'
import type { TrainedModel, TrainingJob } from '../../types.ts'
import { createBatchMaker, type BatchMaker, type Shown } from './batches.ts'
import { readCheckpoint, writeCheckpoint, type TrainingState } from './checkpoint.ts'
import { featureMaps, startWeights, type DecoderPlan } from './decoder.ts'
import { measureScales, openFeatures } from './features.ts'
import { countPixels, measureCounts, startCounts } from './judge.ts'
import { encodeJudge, encodeStep, maskName } from './network.ts'
import type { SegmentParams } from './params.ts'
import { storePictures, type PictureStore } from './pictures.ts'
import { hasMask } from './targets.ts'
import { viewsOf } from './views.ts'
import { writeSegmenter } from './write-model.ts'

/** Pictures from which the scale of features is measured. */
const measuredPictures = 64
/** Small sets are looked at again within an epoch, so that it has this many steps at least. */
const leastSteps = 25
const warmupSteps = 30
const clippedNorm = 1
/** Most weight that the running mean of weights gives to what was. */
const averageDecay = 0.98

/**
 * Trains a decoder over the frozen built-in backbone and leaves both as one network in `job.folder`/model. After every epoch it can be
 * interrupted, and goes on from there when called again. The same job with the same number of threads gives the same bytes.
 * Throws TRAINING_DATA for pictures without masks, TRAINER_FAILED when training diverges, CANCELLED, MEDIA_UNREADABLE and the like.
 */
export async function trainSegmentHead(job: TrainingJob, params: SegmentParams): Promise<TrainedModel> {
  checkExamples(job)
  await mkdir(job.folder, { recursive: true })
  const opened: { close(): Promise<void> }[] = []
  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one)
    return one
  }
  try {
    const kept = join(job.cache ?? job.folder, 'segment-features')
    const features = keep(await openFeatures(job, kept, params.size))
    const parts = {} as Record<'train' | 'validation', Part>
    for (const name of ['train', 'validation'] as const) {
      const pictures = keep(await storePictures(job, name, job[name], params.size))
      parts[name] = { pictures, batches: await createBatchMaker(pictures, features, params.size) }
    }
    checkPixels(parts.train.pictures.pixels, job)
    const best = await runEpochs(job, params, parts, keep)
    await writeSegmenter(join(job.folder, 'model'), {
      plan: best.plan,
      weights: best.weights,
      classes: job.classes,
      sizePx: params.size,
    })
    await rm(join(job.folder, 'segment-features'), { recursive: true, force: true })
    return { folder: join(job.folder, 'model'), metrics: best.metrics }
  } finally {
    for (const each of opened.toReversed()) await each.close()
    for (const name of ['train', 'validation']) await rm(join(job.folder, `${name}.pixels`), { force: true })
  }
}

interface Part {
  pictures: PictureStore
  batches: BatchMaker
}

type Keep = <T extends { close(): Promise<void> }>(one: T) => T

async function runEpochs(
  job: TrainingJob,
  params: SegmentParams,
  { train, validation }: Record<'train' | 'validation', Part>,
  keep: Keep,
): Promise<{ plan: DecoderPlan; weights: Weights; metrics: Record<string, number> }> {
  const plan = await planDecoder(job, params, train)
  const file = join(job.folder, 'checkpoint.bin')
  const key = keyOf(job, params)
  const state = (await readCheckpoint(file, key)) ?? startState(plan, job.seed)
  if (state.epoch > 0) job.log(`Goes on after epoch ${state.epoch}.`)
  const step = keep(await openGraph(encodeStep(plan, state.weights), job.threads))
  const judge = keep(await openGraph(encodeJudge(plan, state.weights), job.threads))
  const views = viewsOf(params.augment)
  const count = train.pictures.examples.length
  const rounds = Math.max(1, Math.ceil((leastSteps * params.batch) / Math.max(count, params.batch)))
  const batch = Math.min(params.batch, count)
  const perEpoch = rounds * Math.floor(count / batch)
  const steps = perEpoch * params.epochs

  for (let epoch = state.epoch + 1; epoch <= params.epochs; epoch++) {
    if (params.patience > 0 && epoch - (state.best?.epoch ?? epoch) > params.patience) {
      job.log(`Stopped after epoch ${epoch - 1}: the validation was best after epoch ${state.best!.epoch}.`)
      break
    }
    const rng = createRng(`${job.seed}/epoch/${epoch}`)
    const numbers = Array.from({ length: count }, (_, i) => i)
    let lossSum = 0
    for (let round = 0, done = 0; round < rounds; round++) {
      const order = rng.shuffle(numbers)
      for (let from = 0; from + batch <= count; from += batch) {
        throwIfAborted(job.signal)
        const shown = order.slice(from, from + batch).map((index): Shown => ({ index, view: rng.pick(views) }))
        const { feeds, target } = await train.batches.make(shown, params.augment === 'none' ? undefined : rng)
        feeds['target'] = { type: 'uint8', data: target, dims: [batch, 1, params.size, params.size] }
        Object.assign(feeds, drawMasks(rng, batch, params.dropout))
        const answers = await step.run({ ...feeds, ...feedWeights(state.weights) })
        const loss = (answers['loss'] as Float32Array)[0]!
        if (!Number.isFinite(loss))
          throw new FoveaError('TRAINER_FAILED', `Training diverged in epoch ${epoch}: the loss is ${loss}.`, {
            hint: `Lower learningRate, which is ${params.learningRate}.`,
          })
        lossSum += loss
        const gradients = Object.fromEntries(
          Object.keys(state.weights).map((name) => [name, answers[`gradient.${name}`] as Float32Array]),
        )
        stepAdam(state.weights, gradients, state.adam, {
          rate: params.learningRate * cosineRate(state.adam.step, { steps, warmup: warmupSteps }),
          decay: params.weightDecay,
          clip: clippedNorm,
        })
        average(state)
        job.progress.report({ stage: 'train', done: (epoch - 1) * perEpoch + ++done, total: steps, unit: 'steps' })
      }
    }
    const metrics: Record<string, number> = { trainLoss: lossSum / perEpoch }
    if (validation.pictures.examples.length > 0)
      Object.assign(metrics, await judgeAll(job, params, plan, state.averaged, validation, judge))
    state.epoch = epoch
    const score = metrics['classDice']
    if (score === undefined || score > (state.best?.metrics['classDice'] ?? -1))
      state.best = { epoch, weights: copyWeights(state.averaged), metrics: { ...metrics, epoch } }
    await job.logMetrics(metrics, epoch)
    await writeCheckpoint(file, key, state)
  }
  return { plan, ...state.best! }
}

/** Factors for the channels of every map: 0 for a share of them, the others raised to make up for it (Tompson et al. 2015). */
function drawMasks(rng: Rng, rows: number, share: number): Record<string, Feed> {
  return Object.fromEntries(
    featureMaps.map(({ name, channels }) => {
      const draw = (): number => (share > 0 && rng.next() < share ? 0 : 1 / (1 - share))
      const data = Float32Array.from({ length: rows * channels }, draw)
      return [maskName(name), { type: 'float32', data, dims: [rows, channels, 1, 1] }]
    }),
  )
}

/** Throws TRAINING_DATA where there is nothing to learn. */
function checkExamples({ train, classes }: TrainingJob): void {
  if (classes.length === 0 || !train.some(hasMask))
    throw new FoveaError(
      'TRAINING_DATA',
      `Expected pictures with masks or polygons to learn from, got ${train.length} pictures and none.`,
      { hint: 'Choose the layer that holds the masks with --layer, or a slice that has some.' },
    )
  if (classes.length > 254)
    throw new FoveaError('TRAINING_DATA', `Expected at most 254 classes, got ${classes.length}.`, {
      hint: 'Choose fewer classes, or map some onto others.',
    })
}

function checkPixels(pixels: readonly number[], { classes, log }: TrainingJob): void {
  const present = pixels.filter((count) => count > 0).length
  if (present < 2)
    throw new FoveaError(
      'TRAINING_DATA',
      `Expected pixels of at least two classes, the background being one; all are of ${pixels[0]! > 0 ? 'the background' : 'one class'}.`,
      { hint: 'Take pictures that show something else too.' },
    )
  const missing = classes.filter((_, i) => pixels[i + 1] === 0)
  if (missing.length > 0) log(`No pixel at this size is of ${missing.join(', ')}.`)
}

/** The decoder's plan, its features scaled by what the first pictures have. */
async function planDecoder({ classes, signal }: TrainingJob, params: SegmentParams, train: Part): Promise<DecoderPlan> {
  const stride = Math.max(1, Math.floor(train.pictures.examples.length / measuredPictures))
  const chosen = Array.from({ length: Math.ceil(train.pictures.examples.length / stride) }, (_, i) => i * stride)
  const measured: Uint16Array[][] = []
  for (let from = 0; from < chosen.length; from += params.batch) {
    throwIfAborted(signal)
    const shown = chosen.slice(from, from + params.batch).map((index) => ({ index, view: 0 }))
    measured.push((await train.batches.make(shown)).maps)
  }
  return { width: params.width, classes: classes.length + 1, scales: measureScales(measured, params.size) }
}

async function judgeAll(
  job: TrainingJob,
  params: SegmentParams,
  plan: DecoderPlan,
  weights: Weights,
  { pictures, batches }: Part,
  session: GraphSession,
): Promise<ReturnType<typeof measureCounts>> {
  const counts = startCounts(plan.classes)
  for (let from = 0; from < pictures.examples.length; from += params.batch) {
    throwIfAborted(job.signal)
    const length = Math.min(params.batch, pictures.examples.length - from)
    const { feeds, target } = await batches.make(Array.from({ length }, (_, i) => ({ index: from + i, view: 0 })))
    const { classes } = await session.run({ ...feeds, ...feedWeights(weights) })
    countPixels(counts, target, classes as Uint8Array)
  }
  return measureCounts(counts)
}

function startState(plan: DecoderPlan, seed: number): TrainingState {
  const weights = startWeights(plan, seed)
  return { epoch: 0, weights, averaged: copyWeights(weights), adam: startAdam(weights), best: null }
}

const feedWeights = (weights: Weights): Record<string, Feed> =>
  Object.fromEntries(Object.entries(weights).map(([name, { dims, data }]) => [name, { type: 'float32', dims, data }]))

const copyWeights = (weights: Weights): Weights =>
  Object.fromEntries(Object.entries(weights).map(([name, { dims, data }]) => [name, { dims, data: data.slice() }]))

/** Moves the running mean towards the weights; early on faster, so that the start is soon forgotten. */
function average({ weights, averaged, adam }: TrainingState): void {
  const decay = Math.min(averageDecay, adam.step / (adam.step + 9))
  for (const [name, { data }] of Object.entries(weights)) {
    const mean = averaged[name]!.data
    for (let i = 0; i < data.length; i++) mean[i]! += (1 - decay) * (data[i]! - mean[i]!)
  }
}

/** Changes with whatever training depends on. */
function keyOf({ train, validation, classes, seed }: TrainingJob, params: SegmentParams): string {
  const pictures = [train, validation].map((part) => part.map(({ id, file, labels }) => [id, file, labels]))
  return createHash('sha256').update(JSON.stringify({ params, seed, classes, pictures })).digest('hex')
}
