import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { FoveaError, throwIfAborted } from '#base'
import type { ExamineResult, ExamineTask, MediaPool } from './types.ts'
import type { WorkerAnswer, WorkerBatch } from './worker.ts'

/** How many tasks may travel in one message: a message costs about as much as examining a tiny picture. */
const maxBatch = 16
/** Batches a thread has before it, so that it does not wait for the next. */
const batchesPerThread = 2
/** How long a thread without work lives, ms. */
const idleTimeoutMs = 5_000

interface Waiting {
  task: ExamineTask
  resolve(result: ExamineResult): void
  reject(error: FoveaError): void
  /** Whether it was cancelled and needs no answer. */
  isGone(): boolean
}

/**
 * Examines images on up to `threads` worker threads. They start with the first task and stop when idle. Cancelling a task
 * rejects it at once; a picture that is already being looked at is finished in the background and its answer dropped.
 */
export function createMediaPool({ threads }: { threads: number }): MediaPool {
  const isSource = import.meta.url.endsWith('.ts')
  let piscina: Piscina<WorkerBatch, WorkerAnswer[]> | undefined
  let closed = false
  const waiting: Waiting[] = []
  const stop = new SharedArrayBuffer(4)
  const batches = new Set<Promise<void>>()

  const start = (): Piscina<WorkerBatch, WorkerAnswer[]> =>
    (piscina ??= new Piscina<WorkerBatch, WorkerAnswer[]>({
      filename: fileURLToPath(new URL(isSource ? './worker.ts' : './worker.js', import.meta.url)),
      minThreads: 0,
      maxThreads: threads,
      concurrentTasksPerWorker: batchesPerThread,
      idleTimeout: idleTimeoutMs,
      ...(isSource ? { execArgv: ['--conditions=fovea-source', '--import', import.meta.resolve('tsx')] } : {}),
    }))

  const runBatch = async (batch: Waiting[]): Promise<void> => {
    let answers: WorkerAnswer[]
    try {
      answers = await start().run({ tasks: batch.map(({ task }) => task), stop })
    } catch (error) {
      // The thread died. One file did it: look at each by itself, so that the others get their answers.
      if (batch.length > 1 && !closed) {
        for (const one of batch) await runBatch([one])
        return
      }
      answers = [{ ok: false, problem: problemOfThread(error as Error) }]
    }
    batch.forEach((one, i) => {
      const answer = answers[i]!
      if (closed) one.reject(cancelled())
      else if ('fault' in answer) {
        const hint = 'Make sure that the folder of thumbnails can be written to and that the disk has space left.'
        one.reject(
          answer.storage === undefined
            ? new FoveaError('INTERNAL', `The thumbnail of ${one.task.file} cannot be written (${answer.fault}).`, {
                hint,
              })
            : FoveaError.fromBody(answer.storage),
        )
      } else one.resolve(answer)
    })
  }

  const pump = (): void => {
    while (batches.size < threads * batchesPerThread && waiting.length > 0) {
      // Share what waits among all threads before making batches large.
      const size = Math.min(maxBatch, Math.ceil(waiting.length / (threads * batchesPerThread)))
      const batch = waiting.splice(0, size).filter((one) => !one.isGone())
      if (batch.length === 0) continue
      const done = runBatch(batch).finally(() => {
        batches.delete(done)
        pump()
      })
      batches.add(done)
    }
  }

  return {
    concurrency: threads * batchesPerThread * maxBatch,
    async examine(task, signal) {
      throwIfAborted(signal)
      if (closed) throw cancelled()
      return new Promise<ExamineResult>((resolve, reject) => {
        let gone = false
        const onAbort = (): void => {
          gone = true
          reject(cancelled())
        }
        const settle = (): void => signal?.removeEventListener('abort', onAbort)
        signal?.addEventListener('abort', onAbort, { once: true })
        waiting.push({
          task,
          isGone: () => gone,
          resolve(result) {
            settle()
            resolve(result)
          },
          reject(error) {
            settle()
            reject(error)
          },
        })
        // At the end of this turn, so that tasks handed over together travel together.
        if (waiting.length === 1) setImmediate(pump)
      })
    },
    async close() {
      closed = true
      Atomics.store(new Int32Array(stop), 0, 1)
      for (const one of waiting.splice(0)) one.reject(cancelled())
      // Stopping a thread in the middle of native code is not safe; each ends the pictures it has begun.
      await Promise.all(batches)
      await piscina?.destroy()
      piscina = undefined
    },
  }
}

const cancelled = (): FoveaError => new FoveaError('CANCELLED', 'The work was cancelled before it ended.')

function problemOfThread(error: Error): Extract<ExamineResult, { ok: false }>['problem'] {
  return {
    code: 'image-unreadable',
    what: `The picture cannot be decoded: the thread that tried stopped (${error.message}).`,
    fix: 'Lower limits.max_pixels if memory ran out; else open the picture in an image editor and save it again, or remove it.',
  }
}
