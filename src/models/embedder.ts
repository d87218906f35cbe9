import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { FoveaError, throwIfAborted } from '#base'
import type { PictureBoxes, PictureTask, PictureVector, RunnerSource } from './types.ts'
import type { WorkerAnswer, WorkerSetup, WorkerTask } from './run/worker.ts'

/** Batches a thread has before it: pictures of the next are decoded while the network looks at this one. */
const batchesPerThread = 2
const idleTimeoutMs = 30_000

/** Runs a model on worker threads. */
export interface Embedder {
  /** How many batches are worth having in flight. */
  readonly concurrency: number
  /** Pictures that a batch had best have. */
  readonly batch: number
  /** Opens the model if it is not, and answers how many numbers its vectors have. Throws MODEL_INVALID, MODEL_MISMATCH. */
  open(): Promise<number>
  /**
   * One answer a picture, in order; a file that cannot be read is an answer too.
   * Throws MODEL_INVALID, MODEL_MISMATCH, MODEL_OUTPUT, CANCELLED.
   */
  embed(pictures: readonly PictureTask[], signal?: AbortSignal): Promise<PictureVector[]>
  /** Vectors of texts, for image-text models. Throws MODEL_MISMATCH. */
  embedTexts(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>
  /** Boxes of pictures from `minScore` on, one answer a picture; for detectors. Throws as `embed` does. */
  detect(pictures: readonly PictureTask[], minScore: number, signal?: AbortSignal): Promise<PictureBoxes[]>
  close(): Promise<void>
}

/**
 * Starts threads for a model as they are needed; each holds the network once and runs it alone, so that memory is bounded by
 * `threads` × (weights + one batch). They stop when idle.
 */
export function createEmbedder(options: { source: RunnerSource; threads: number; maxPixels: number }): Embedder {
  const { source, threads, maxPixels } = options
  const isSource = import.meta.url.endsWith('.ts')
  const setup: WorkerSetup = { source, maxPixels, threads: 1 }
  let piscina: Piscina<WorkerTask, WorkerAnswer> | undefined
  const running = new Set<Promise<unknown>>()

  const run = async (
    task: WorkerTask,
    signal: AbortSignal | undefined,
  ): Promise<Exclude<WorkerAnswer, { error: unknown }>> => {
    throwIfAborted(signal)
    piscina ??= new Piscina<WorkerTask, WorkerAnswer>({
      filename: fileURLToPath(new URL(isSource ? './run/worker.ts' : './run/worker.js', import.meta.url)),
      minThreads: 0,
      maxThreads: threads,
      concurrentTasksPerWorker: batchesPerThread,
      idleTimeout: idleTimeoutMs,
      ...(isSource ? { execArgv: ['--conditions=fovea-source', '--import', import.meta.resolve('tsx')] } : {}),
    })
    // Not handed the signal: a thread must not be stopped inside native code. What it answers after a cancel is dropped.
    const work = piscina.run(task)
    running.add(work)
    const answer = await work.finally(() => running.delete(work))
    throwIfAborted(signal)
    if ('error' in answer) throw new FoveaError(answer.error.code, answer.error.message, { hint: answer.error.hint })
    return answer
  }

  return {
    concurrency: threads * batchesPerThread,
    batch: source.kind === 'pixels' ? 64 : 8,
    async open() {
      const answer = await run({ setup, open: true }, undefined)
      return 'dimensions' in answer ? answer.dimensions : 0
    },
    async embed(pictures, signal) {
      const answer = await run({ setup, pictures: [...pictures] }, signal)
      return 'vectors' in answer ? answer.vectors : []
    },
    async embedTexts(texts, signal) {
      const answer = await run({ setup, texts: [...texts] }, signal)
      return 'texts' in answer ? answer.texts : []
    },
    async detect(pictures, minScore, signal) {
      const answer = await run({ setup, detect: [...pictures], minScore }, signal)
      return 'boxes' in answer ? answer.boxes : []
    },
    async close() {
      await Promise.allSettled(running)
      await piscina?.destroy()
      piscina = undefined
    },
  }
}
