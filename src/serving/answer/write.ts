import type { Worker } from 'node:worker_threads'
import { FoveaError, startThread } from '#base'
import type { Prediction } from '#models'
import { writeAnswer, type AnswerOptions } from './describe.ts'
import type { Ask, Form, Reply, Written } from './messages.ts'

/** Writes answers as they travel. */
export interface AnswerWriter {
  json(prediction: Prediction, options: AnswerOptions): Promise<Record<string, unknown>>
  /** Throws INPUT_INVALID for an answer without a picture in it. */
  png(prediction: Prediction, options: { asMask: boolean }): Promise<Uint8Array>
  close(): Promise<void>
}

/** From so many pixels on a mask or heat map is written on a thread of its own, and holds up no other request. */
const largePx = 500_000
/** Answers that may wait for it; further ones are written at once, so that no more come in than go out. */
const mostWaiting = 8

interface Pending {
  resolve(written: Written): void
  reject(error: Error): void
}

interface AnswerThread {
  worker: Worker
  pending: Map<number, Pending>
}

/** The thread is started for the first large answer, and again after it died. */
export function createAnswerWriter(): AnswerWriter {
  let thread: AnswerThread | undefined
  let nextId = 0

  const start = (): AnswerThread => {
    const started: AnswerThread = { worker: startThread(import.meta.url, undefined), pending: new Map() }
    const { worker, pending } = started
    const die = (cause?: Error): void => {
      if (thread === started) thread = undefined
      const error = new FoveaError('INTERNAL', 'The thread that writes answers stopped.', {
        hint: 'Send the request again.',
        cause,
      })
      for (const one of pending.values()) one.reject(error)
      pending.clear()
    }
    worker.unref()
    worker.on('error', die)
    worker.on('exit', () => die())
    worker.on('message', (reply: Reply) => {
      const waiting = pending.get(reply.id)
      pending.delete(reply.id)
      if ('error' in reply) waiting?.reject(FoveaError.fromBody(reply.error))
      else waiting?.resolve(reply)
    })
    return started
  }
  const write = async (prediction: Prediction, form: Form): Promise<Written> => {
    if (!isLarge(prediction)) return writeAnswer(prediction, form)
    const { worker, pending } = (thread ??= start())
    if (pending.size >= mostWaiting) return writeAnswer(prediction, form)
    return new Promise((resolve, reject) => {
      const id = nextId++
      pending.set(id, { resolve, reject })
      worker.postMessage({ id, prediction, form } satisfies Ask, [])
    })
  }
  return {
    async json(prediction, options) {
      const written = await write(prediction, { json: options })
      return 'json' in written ? written.json : {}
    },
    async png(prediction, options) {
      const written = await write(prediction, { png: options })
      return 'png' in written ? written.png : new Uint8Array()
    },
    async close() {
      await thread?.worker.terminate()
    },
  }
}

const isLarge = ({ mask, anomaly, widthPx, heightPx }: Prediction): boolean =>
  (mask !== undefined || anomaly !== undefined) && widthPx * heightPx >= largePx
