import { FoveaError, type Clock } from '#base'
import type { EndpointSettings } from '#contract'
import {
  joinRows,
  type ModelVersion,
  type PictureSource,
  type Prediction,
  type PreparedPicture,
  type RunHint,
  type TaskModel,
  type TensorValue,
} from '#models'
import { createBatcher, type BatchOptions, type Batched } from './batcher.ts'
import type { ModelLease } from './model-pool.ts'
import { orAborted } from './or-aborted.ts'
import { createStatistics, type Statistics } from './statistics.ts'
import { splitTensors, type TensorWork } from './tensor-batch.ts'
import type { Role, Served } from './types.ts'

type Work = { picture: PreparedPicture } | TensorWork
type Answer = { prediction: Prediction } | { outputs: Record<string, TensorValue> }
type Timing = Served['timing']

/** A version in one part of an endpoint, with its queue and its counts. */
export interface Slot {
  role: Role
  reference: string
  version: ModelVersion
  model: TaskModel
  statistics: Statistics
  /** Requests it has and has not answered. */
  waiting(): number
  predict(picture: PictureSource, signal: AbortSignal): Promise<{ prediction: Prediction; timing: Timing }>
  infer(work: TensorWork, signal: AbortSignal): Promise<{ outputs: Record<string, TensorValue>; timing: Timing }>
  setBatching(options: BatchOptions): void
  /** Lets the requests it has end, and then the model go. */
  close(): Promise<void>
}

export function createSlot(deps: {
  role: Role
  reference: string
  lease: ModelLease
  batching: EndpointSettings['batching']
  clock: Clock
}): Slot {
  const { role, reference, lease, clock } = deps
  const { model, version } = lease
  const statistics = createStatistics()
  let waiting = 0
  let whenUnused: (() => void) | undefined
  let alone = 0

  const batcher = createBatcher<Work, Answer>({
    run: (items, isAlone) => runItems(model, items, { run: isAlone ? 'alone' : 'lane' }),
    rowsOf: (item) => ('picture' in item ? 1 : item.rows),
    keyOf: (item) => ('picture' in item ? '' : (item.key ?? `alone ${alone++}`)),
    options: deps.batching,
    monotonic: () => clock.monotonic(),
    ...(model.lanes === undefined ? {} : { lanes: model.lanes }),
    onRun: ({ rows }) => statistics.ran(rows),
  })

  /** Counts a request from its arrival to its answer. */
  const count = async <R>(
    work: () => Promise<{
      answer: Batched<Answer>
      prepareMs: number
      pictures: number
      result: (answer: Answer) => R
    }>,
  ): Promise<R & { timing: Timing }> => {
    waiting++
    const startMs = clock.monotonic()
    try {
      const { answer, prepareMs, pictures, result } = await work()
      const { queueMs, computeMs, batchSize } = answer
      statistics.answered({ latencyMs: clock.monotonic() - startMs, prepareMs, queueMs, computeMs, pictures })
      return { ...result(answer.value), timing: { prepareMs, queueMs, computeMs, batchSize } }
    } catch (error) {
      statistics.failed(error instanceof FoveaError ? error.code : 'INTERNAL', clock.monotonic() - startMs)
      throw error
    } finally {
      waiting--
      if (waiting === 0) whenUnused?.()
    }
  }

  return {
    role,
    reference,
    version,
    model,
    statistics,
    waiting: () => waiting,
    predict: (picture, signal) =>
      count(async () => {
        const startMs = clock.monotonic()
        const arrived = batcher.announce()
        try {
          const prepared = await orAborted(model.prepare(picture), signal)
          const prepareMs = clock.monotonic() - startMs
          arrived()
          const answer = await batcher.add({ picture: prepared }, signal)
          return {
            answer,
            prepareMs,
            pictures: 1,
            result: (value) => ({ prediction: (value as { prediction: Prediction }).prediction }),
          }
        } finally {
          arrived()
        }
      }),
    infer: (work, signal) =>
      count(async () => ({
        answer: await batcher.add(work, signal),
        prepareMs: 0,
        pictures: work.rows,
        result: (value) => ({ outputs: (value as { outputs: Record<string, TensorValue> }).outputs }),
      })),
    setBatching: (options) => batcher.setOptions(options),
    async close() {
      if (waiting > 0) await new Promise<void>((resolve) => (whenUnused = resolve))
      await batcher.drain()
      await lease.release()
    },
  }
}

/** Items of one run are of one kind: pictures have no key, tensors have one. */
async function runItems(model: TaskModel, items: readonly Work[], how: RunHint): Promise<Answer[]> {
  const pictures = items.flatMap((item) => ('picture' in item ? [item.picture] : []))
  if (pictures.length > 0) return (await model.predict(pictures, how)).map((prediction) => ({ prediction }))
  const works = items as readonly TensorWork[]
  const outputs = await model.infer(joinRows(works.map(({ inputs }) => inputs)), works[0]!.outputs, how)
  return splitTensors(outputs, works).map((each) => ({ outputs: each }))
}
