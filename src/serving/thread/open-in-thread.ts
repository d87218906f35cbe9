import { FoveaError, startThread } from '#base'
import { createPrepare, type PreparedPicture, type TaskModel, type TensorValue } from '#models'
import { unpackClasses } from './classes.ts'
import type { Ask, Opened, Reply, ThreadData } from './messages.ts'

interface Pending {
  resolve(reply: Reply): void
  reject(error: Error): void
}

interface Thread {
  about: Pick<TaskModel, 'card' | 'classes' | 'signature'>
  ask(work: Asked, handedOver: ArrayBuffer[]): Promise<Reply>
  isAlive(): boolean
}

type Asked = Ask extends infer Each ? (Each extends { id: number } ? Omit<Each, 'id'> : never) : never

/**
 * Opens a model of a task on a thread of its own, so that its runs hold up nothing else. Pictures are decoded on this one.
 * Buffers that are handed to `infer`, and that of a picture that is predicted alone, are gone afterwards. A thread that dies fails
 * the requests it has, and the next one starts another. Throws as `openTaskModel`.
 */
export async function openInThread(options: ThreadData): Promise<TaskModel> {
  let thread = openThread(options)
  const { about } = await thread
  const ask = async (work: Asked, handedOver: ArrayBuffer[]): Promise<Reply> => {
    const current = await thread
    if (current.isAlive()) return current.ask(work, handedOver)
    thread = openThread(options)
    return (await thread).ask(work, handedOver)
  }
  return {
    ...about,
    prepare: createPrepare(about.card.input, options.maxPixels),
    async predict(pictures) {
      // One of several may have to be run again by itself, so that those are copied.
      const sent = pictures.length === 1 ? pictures : pictures.map(copyPicture)
      const reply = await ask(
        { pictures: sent },
        sent.map(({ input }) => input.buffer as ArrayBuffer),
      )
      return 'predictions' in reply ? reply.predictions.map((each) => unpackClasses(each, about.classes)) : []
    },
    async infer(inputs, outputs) {
      const sent = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, withWholeBuffer(value)]))
      const reply = await ask(
        { inputs: sent, outputs },
        Object.values(sent).flatMap(({ data }) => (ArrayBuffer.isView(data) ? [data.buffer as ArrayBuffer] : [])),
      )
      return 'outputs' in reply ? reply.outputs : {}
    },
    async close() {
      const current = await thread.catch(() => undefined)
      if (current?.isAlive()) await current.ask({ close: true }, [])
    },
  }
}

const copyPicture = (picture: PreparedPicture): PreparedPicture => ({ ...picture, input: picture.input.slice() })

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
  const pending = new Map<number, Pending>()
  let nextId = 0
  let isAlive = true
  const about = await new Promise<Thread['about']>((resolve, reject) => {
    const die = (error: Error): void => {
      isAlive = false
      reject(error)
      for (const one of pending.values()) one.reject(error)
      pending.clear()
    }
    worker.on('error', (error) => die(stopped(error)))
    worker.on('exit', () => die(stopped(undefined)))
    worker.once('message', (first: Opened) => {
      if ('failed' in first) {
        reject(FoveaError.fromBody(first.failed))
        void worker.terminate()
        return
      }
      worker.on('message', (reply: Reply) => {
        const waiting = pending.get(reply.id)
        pending.delete(reply.id)
        if ('error' in reply) waiting?.reject(FoveaError.fromBody(reply.error))
        else waiting?.resolve(reply)
      })
      resolve(first.opened)
    })
  })
  return {
    about,
    isAlive: () => isAlive,
    ask(work, handedOver) {
      return new Promise((resolve, reject) => {
        const id = nextId++
        pending.set(id, { resolve, reject })
        worker.postMessage({ ...work, id }, [...new Set(handedOver)])
      })
    },
  }
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
