import type { Worker } from 'node:worker_threads'
import { FoveaError, startThread } from '#base'
import type { Prediction } from '#models'
import { writeAnswer, type AnswerOptions } from './describe.ts'
import { askThread, type AskedThread } from '../thread/ask.ts'
import type { Ask, Form, Written } from './messages.ts'

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

/** The thread is started for the first large answer, and again after it died. */
export function createAnswerWriter(): AnswerWriter {
  let worker: Worker | undefined
  let thread: AskedThread<Ask, Written> | undefined

  const start = (): AskedThread<Ask, Written> => {
    worker = startThread(import.meta.url, undefined)
    worker.unref()
    return askThread(worker, stopped)
  }
  const write = async (prediction: Prediction, form: Form): Promise<Written> => {
    if (!isLarge(prediction)) return writeAnswer(prediction, form)
    if (thread?.isAlive() !== true) thread = start()
    return thread.waiting() < mostWaiting ? thread.ask({ prediction, form }) : writeAnswer(prediction, form)
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
      await worker?.terminate()
    },
  }
}

const stopped = (cause: Error | undefined): FoveaError =>
  new FoveaError('INTERNAL', 'The thread that writes answers stopped.', { hint: 'Send the request again.', cause })

const isLarge = ({ mask, anomaly, widthPx, heightPx }: Prediction): boolean =>
  (mask !== undefined || anomaly !== undefined) && widthPx * heightPx >= largePx
