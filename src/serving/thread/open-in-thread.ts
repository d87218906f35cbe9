import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FoveaError, startThread } from '#base'
import {
  createPrepare,
  type Prediction,
  type PreparedPicture,
  type RunHint,
  type TaskModel,
  type TensorValue,
} from '#models'
import { askThread, type AskedThread } from './ask.ts'
import { unpackClasses } from './classes.ts'
import type { Ask, Opened, Reply, ThreadData } from './messages.ts'

interface Thread extends AskedThread<Asked, Reply> {
  about: Pick<TaskModel, 'card' | 'classes' | 'signature'>
}

type Asked = Ask extends infer Each ? (Each extends { id: number } ? Omit<Each, 'id'> : never) : never

/**
 * Opens a model of a task on threads of its own, so that its runs hold up nothing else: lanes that share the processor, and where there
 * are several, a wide one that has all of it for a run that is alone. Each is opened when it is first needed. Pictures are decoded on
 * this thread. Buffers that are handed to `infer` are gone afterwards. A thread that
 * dies fails the requests it has, and the next one starts another. Throws as `openTaskModel`.
 */
export async function openInThread({ threads, ...options }: Omit<ThreadData, 'spin'>): Promise<TaskModel> {
  const { lanes: count, threadsEach } = divideThreads(threads, await measureWeights(options.folder))
  const lanes = Array.from({ length: count }, () => keepThread({ ...options, threads: threadsEach, spin: false }))
  const wide = count === 1 ? lanes[0]! : keepThread({ ...options, threads, spin: true })
  const about = await lanes[0]!.open()

  const pick = (how: RunHint | undefined): KeptThread =>
    how?.run === 'alone' ? wide : lanes.reduce((best, each) => (each.waiting() < best.waiting() ? each : best))
  const predictOn = async (thread: KeptThread, pictures: readonly PreparedPicture[]): Promise<Prediction[]> => {
    const reply = await thread.ask({ pictures }, [])
    return 'predictions' in reply ? reply.predictions.map((each) => unpackClasses(each, about.classes)) : []
  }
  return {
    ...about,
    lanes: count,
    prepare: createPrepare(about.card.input, options.maxPixels),
    async predict(pictures, how) {
      if (pictures.length === 0) return []
      const size = Math.ceil(pictures.length / (how?.run === undefined ? count : 1))
      const parts = Array.from({ length: Math.ceil(pictures.length / size) }, (_, i) =>
        pictures.slice(i * size, (i + 1) * size),
      )
      return (await Promise.all(parts.map((part) => predictOn(pick(how), part)))).flat()
    },
    async infer(inputs, outputs, how) {
      const sent = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, withWholeBuffer(value)]))
      const reply = await pick(how).ask(
        { inputs: sent, outputs },
        Object.values(sent).flatMap(({ data }) => (ArrayBuffer.isView(data) ? [data.buffer as ArrayBuffer] : [])),
      )
      return 'outputs' in reply ? reply.outputs : {}
    },
    async close() {
      await Promise.all([...new Set([...lanes, wide])].map((each) => each.close()))
    },
  }
}

/** Bytes of weights that all lanes of a model may hold together. */
const mostLaneBytes = 1e9

/** As many lanes as threads, or as few as keep their weights in memory together; they divide the threads among them. */
export function divideThreads(threads: number, weightBytes: number): { lanes: number; threadsEach: number } {
  const lanes = Math.max(1, Math.min(threads, Math.floor(mostLaneBytes / Math.max(1, weightBytes))))
  return { lanes, threadsEach: Math.floor(threads / lanes) }
}

/** Bytes of the networks in a folder. What is wrong with it is told by whoever opens it. */
async function measureWeights(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = names
    .filter((name) => name.endsWith('.onnx'))
    .map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** A thread that is started when it is asked, and again after it died. */
interface KeptThread {
  open(): Promise<Thread['about']>
  ask: Thread['ask']
  /** Questions it has and has not answered. */
  waiting(): number
  close(): Promise<void>
}

function keepThread(data: ThreadData): KeptThread {
  let opening: Promise<Thread> | undefined
  let waiting = 0
  const current = async (): Promise<Thread> => {
    const thread = await (opening ??= openThread(data))
    if (thread.isAlive()) return thread
    opening = openThread(data)
    return opening
  }
  return {
    open: async () => (await current()).about,
    async ask(work, handedOver) {
      waiting++
      try {
        return await (await current()).ask(work, handedOver)
      } finally {
        waiting--
      }
    },
    waiting: () => waiting,
    async close() {
      const thread = await opening?.catch(() => undefined)
      if (thread?.isAlive()) await thread.ask({ close: true }, [])
    },
  }
}

/** A large tensor takes along what little stands around it; of Node's shared small buffers nothing may be handed over. */
const leastHandedOver = 65_536

function withWholeBuffer(value: TensorValue): TensorValue {
  const { data } = value
  if (!ArrayBuffer.isView(data) || data.byteLength === data.buffer.byteLength) return value
  if (data.byteLength >= leastHandedOver && 2 * data.byteLength > data.buffer.byteLength) return value
  return { ...value, data: (data as Uint8Array).slice() }
}

async function openThread(data: ThreadData): Promise<Thread> {
  const worker = startThread(import.meta.url, data)
  const thread = askThread<Asked, Reply>(worker, stopped)
  const first = await new Promise<Opened>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', (error) => reject(stopped(error)))
    worker.once('exit', () => reject(stopped(undefined)))
  })
  if ('opened' in first) return { ...thread, about: first.opened }
  void worker.terminate()
  throw FoveaError.fromBody(first.failed)
}

const stopped = (cause: Error | undefined): FoveaError =>
  new FoveaError(
    'MODEL_OUTPUT',
    `The thread of the model stopped${cause === undefined ? '' : ` (${cause.message})`}.`,
    {
      hint: 'Make sure that there is memory enough; the next request starts it again.',
      cause,
    },
  )
