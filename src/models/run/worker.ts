import sharp from 'sharp'
import { FoveaError } from '#base'
import type { ErrorBody } from '#contract'
import type { PictureBoxes, PictureTask, PictureVector, Runner, RunnerSource } from '../types.ts'
import { openRunner } from './open-runner.ts'

/** What every task says of the model; the threads of an embedder only ever see one. */
export interface WorkerSetup {
  source: RunnerSource
  threads: number
  maxPixels: number
}

export type WorkerTask = { setup: WorkerSetup } & (
  | { pictures: PictureTask[] }
  | { texts: string[] }
  | { detect: PictureTask[]; minScore: number }
  | { open: true }
)

export type WorkerAnswer =
  | { dimensions: number }
  | { vectors: PictureVector[] }
  | { texts: Float32Array[] }
  | { boxes: PictureBoxes[] }
  | { error: ErrorBody }

// Pictures are spread over threads already, and none is read twice.
sharp.concurrency(1)
sharp.cache(false)
let opened: Promise<Runner> | undefined

/** Answers one batch. A refusal of the model travels as data, because classes of errors do not survive the way. */
// oxlint-disable-next-line import/no-default-export -- piscina calls the default export of a worker's file.
export default async function answer(task: WorkerTask): Promise<WorkerAnswer> {
  try {
    opened ??= openRunner(task.setup.source, task.setup)
    const runner = await opened
    if ('open' in task) return { dimensions: runner.dimensions }
    if ('pictures' in task) return { vectors: await runner.embed(task.pictures) }
    if ('detect' in task) {
      if (runner.detect === undefined)
        throw new FoveaError('MODEL_MISMATCH', 'This model is no detector: it finds no boxes.')
      return { boxes: await runner.detect(task.detect, task.minScore) }
    }
    if (runner.embedTexts === undefined)
      throw new FoveaError('MODEL_MISMATCH', 'This model sees pictures only; it cannot read text.')
    return { texts: await runner.embedTexts(task.texts) }
  } catch (error) {
    if (error instanceof FoveaError) {
      const { code, message, hint } = error
      return { error: { code, message, ...(hint === undefined ? {} : { hint }) } }
    }
    throw error
  }
}
