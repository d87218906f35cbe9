import type { Worker } from 'node:worker_threads'
import { FoveaError } from '#base'
import type { ErrorBody } from '#contract'

/** A thread that is asked questions and answers each: `{ id, … }` goes there, and `{ id, … }` or `{ id, error }` comes back. */
export interface AskedThread<Question extends object, Answer extends object> {
  /** Buffers that are handed over are gone here. Throws what the thread answers as `error`, and what `stopped` makes once it has died. */
  ask(question: Question, handedOver?: readonly ArrayBuffer[]): Promise<Answer>
  /** Questions without an answer so far. */
  waiting(): number
  isAlive(): boolean
}

export function askThread<Question extends object, Answer extends object>(
  worker: Worker,
  stopped: (cause: Error | undefined) => FoveaError,
): AskedThread<Question, Answer> {
  const pending = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>()
  let nextId = 0
  let isAlive = true
  const die = (cause: Error | undefined): void => {
    isAlive = false
    for (const one of pending.values()) one.reject(stopped(cause))
    pending.clear()
  }
  worker.on('error', die)
  worker.on('exit', () => die(undefined))
  worker.on('message', (reply: { id: number } & (Answer | { error: ErrorBody })) => {
    const waiting = pending.get(reply.id)
    pending.delete(reply.id)
    if ('error' in reply) waiting?.reject(FoveaError.fromBody(reply.error))
    else waiting?.resolve(reply)
  })
  return {
    ask(question, handedOver = []) {
      return new Promise((resolve, reject) => {
        const id = nextId++
        pending.set(id, { resolve, reject })
        worker.postMessage({ ...question, id }, [...new Set(handedOver)])
      })
    },
    waiting: () => pending.size,
    isAlive: () => isAlive,
  }
}
