import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createRng, throwIfAborted, loadOnnxRuntime } from '#base'
import type { TrainingJob } from '../../types.ts'
import { rateAt, startMoments, stepAdam } from './adam.ts'
import { readCheckpoint, writeCheckpoint, type FitState } from './checkpoint.ts'
import { activate, measureLoss, type Activation } from './figures.ts'
import { copyWeights, listArrays, startWeights, type HeadWeights } from './layers.ts'
import { encodeStep } from './network.ts'
import type { PooledParams } from './params.ts'

/** Rows that the validation part is asked in. */
const blockRows = 4096
/** Numbers of a head up to which every epoch leaves a checkpoint; larger ones do every fifth. */
const smallHead = 1_000_000

export interface FitData {
  /** Standardised, row by row. */
  columns: number
  outputs: number
  train: { x: Float32Array; y: Float32Array; /** Mean 1. */ weight: Float32Array }
  validation: { x: Float32Array; y: Float32Array }
}

export interface FitOptions extends Pick<
  PooledParams,
  'epochs' | 'patience' | 'batch' | 'learningRate' | 'weightDecay' | 'hidden' | 'dropout'
> {
  activation: Activation
  /** Figures of the validation part from activated answers, for the curves. */
  measure: (said: Float32Array) => Record<string, number>
}

/**
 * Fits a head by AdamW; ends early when the validation loss stops falling, and answers the weights of its least with what they say of the validation part. The same seed
 * gives the same weights, also when it is cancelled and taken up again in the same folder.
 */
export async function fitHead(
  job: TrainingJob,
  data: FitData,
  options: FitOptions,
): Promise<{ weights: HeadWeights; epoch: number; said: Float32Array }> {
  const { activation, epochs, patience, hidden } = options
  const network = await openStep(activation, hidden > 0, hidden > 0 ? job.threads : 1)
  const file = join(job.folder, 'head.checkpoint')
  const key = nameKey(job, data, options)
  try {
    const weights = startWeights(data.columns, hidden, data.outputs, createRng(`head ${job.seed}`))
    const state = await readCheckpoint(file, key, {
      epoch: 0,
      step: 0,
      weights,
      moments: listArrays(weights).map(({ length }) => startMoments(length)),
      best: copyWeights(weights),
      bestLoss: Infinity,
      bestEpoch: 0,
    })
    if (state.epoch > 0) job.log(`Taken up after epoch ${state.epoch}`)
    const numbers = listArrays(weights).reduce((sum, { length }) => sum + length, 0)
    const checkpointEpochs = numbers <= smallHead ? 1 : 5
    while (state.epoch < epochs && (patience === 0 || state.epoch - state.bestEpoch < patience)) {
      const trained = await runEpoch(job, network, data, options, state)
      state.epoch++
      const said = await answer(network, data, state.weights)
      activate(said, data.outputs, activation)
      const loss = measureLoss(said, data.validation.y, said.length / data.outputs, activation)
      if (loss < state.bestLoss) {
        state.bestLoss = loss
        state.bestEpoch = state.epoch
        state.best = copyWeights(state.weights)
      }
      await job.logMetrics({ trainLoss: trained, loss, ...options.measure(said) }, state.epoch)
      job.progress.report({ stage: 'train', done: state.epoch, total: epochs, unit: 'epochs' })
      if (state.epoch % checkpointEpochs === 0) await writeCheckpoint(file, key, state)
    }
    const said = await answer(network, data, state.best)
    activate(said, data.outputs, activation)
    return { weights: state.best, epoch: state.bestEpoch, said }
  } finally {
    await network.close()
  }
}

function nameKey({ seed, task }: TrainingJob, data: FitData, options: FitOptions): string {
  const { measure: _, patience: __, ...rest } = options
  const { train, validation, columns, outputs } = data
  const hash = createHash('sha256').update(JSON.stringify([task, seed, rest, columns, outputs, train.x.length]))
  for (const array of [train.y, train.weight, validation.y, train.x.subarray(0, 1 << 16)])
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return hash.digest('hex')
}

interface StepNetwork {
  run(
    feeds: Record<string, { data: Float32Array; dims: [number, number] }>,
    outputs: readonly string[],
  ): Promise<Record<string, Float32Array>>
  close(): Promise<void>
}

async function openStep(activation: Activation, isDeep: boolean, threads: number): Promise<StepNetwork> {
  const ort = await loadOnnxRuntime()
  const session = await ort.InferenceSession.create(encodeStep(activation, isDeep), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  })
  return {
    async run(feeds, outputs) {
      const tensors: Record<string, InstanceType<typeof ort.Tensor>> = {}
      for (const [name, { data, dims }] of Object.entries(feeds)) tensors[name] = new ort.Tensor('float32', data, dims)
      const answers = await session.run(tensors, [...outputs])
      return Object.fromEntries(outputs.map((name) => [name, answers[name]!.data as Float32Array]))
    },
    close: () => session.release(),
  }
}

function feedWeights({ layers }: HeadWeights): Record<string, { data: Float32Array; dims: [number, number] }> {
  return Object.fromEntries(
    layers.flatMap(({ weight, bias, inputs, outputs }, i) => [
      [`W${i}`, { data: weight, dims: [inputs, outputs] as [number, number] }],
      [`b${i}`, { data: bias, dims: [1, outputs] as [number, number] }],
    ]),
  )
}

/** One pass over the rows in random order. Answers the mean loss on the way. */
async function runEpoch(
  job: TrainingJob,
  network: StepNetwork,
  { columns, outputs, train }: FitData,
  { activation, batch, epochs, learningRate, weightDecay, dropout }: FitOptions,
  state: FitState,
): Promise<number> {
  const rows = train.weight.length
  const rng = createRng(`head ${job.seed} ${state.epoch}`)
  const order = rng.shuffle(Array.from({ length: rows }, (_, row) => row))
  const steps = Math.ceil(rows / batch) * epochs
  const keepColumns = state.weights.layers.at(-1)!.inputs
  const names = state.weights.layers.flatMap((_, i) => [`gW${i}`, `gb${i}`])
  let loss = 0
  for (let from = 0; from < rows; from += batch) {
    throwIfAborted(job.signal)
    const chosen = order.slice(from, from + batch)
    const n = chosen.length
    const x = new Float32Array(n * columns)
    const y = new Float32Array(n * outputs)
    chosen.forEach((row, i) => {
      x.set(train.x.subarray(row * columns, (row + 1) * columns), i * columns)
      y.set(train.y.subarray(row * outputs, (row + 1) * outputs), i * outputs)
    })
    const keep = new Float32Array(n * keepColumns).fill(1)
    if (dropout > 0) for (let at = 0; at < keep.length; at++) keep[at] = rng.next() < dropout ? 0 : 1 / (1 - dropout)
    const answers = await network.run(
      {
        x: { data: x, dims: [n, columns] },
        y: { data: y, dims: [n, outputs] },
        w: { data: Float32Array.from(chosen, (row) => train.weight[row]! / n), dims: [n, 1] },
        keep: { data: keep, dims: [n, keepColumns] },
        ones: { data: new Float32Array(n).fill(1), dims: [n, 1] },
        ...feedWeights(state.weights),
      },
      ['z', ...names],
    )
    const said = answers['z']!
    activate(said, outputs, activation)
    loss += measureLoss(said, y, 1, activation)
    state.step++
    const rate = rateAt(state.step, steps, learningRate)
    listArrays(state.weights).forEach((array, i) =>
      stepAdam(array, answers[names[i]!]!, state.moments[i]!, {
        step: state.step,
        rate,
        decay: i % 2 === 0 ? weightDecay : 0,
      }),
    )
  }
  return loss / rows
}

/** What the head says of the validation part, before any activation. */
async function answer(
  network: StepNetwork,
  { columns, outputs, validation }: FitData,
  weights: HeadWeights,
): Promise<Float32Array> {
  const rows = validation.x.length / columns
  const out = new Float32Array(rows * outputs)
  const keepColumns = weights.layers.at(-1)!.inputs
  for (let from = 0; from < rows; from += blockRows) {
    const n = Math.min(blockRows, rows - from)
    const { z } = await network.run(
      {
        x: { data: validation.x.subarray(from * columns, (from + n) * columns), dims: [n, columns] },
        keep: { data: new Float32Array(n * keepColumns).fill(1), dims: [n, keepColumns] },
        y: { data: new Float32Array(n * outputs), dims: [n, outputs] },
        w: { data: new Float32Array(n), dims: [n, 1] },
        ones: { data: new Float32Array(n), dims: [n, 1] },
        ...feedWeights(weights),
      },
      ['z'],
    )
    out.set(z!, from * outputs)
  }
  return out
}
