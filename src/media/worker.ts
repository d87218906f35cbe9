import sharp from 'sharp'
import { readStorageFault } from '#base'
import type { ErrorBody } from '#contract'
import { examineFile } from './examine.ts'
import type { ExamineResult, ExamineTask } from './types.ts'

/** What travels to a worker. */
export interface WorkerBatch {
  tasks: ExamineTask[]
  /** One Int32; not 0 once the pool is closed. */
  stop: SharedArrayBuffer
}

/** What a worker answers for one task: its result, or a failure that is not the file's. */
export type WorkerAnswer = ExamineResult | { fault: string; storage?: ErrorBody | undefined }

// Pictures are spread over threads already, and none is read twice.
sharp.concurrency(1)
sharp.cache(false)

/** Examines a batch of files, two at a time: one is decoded on another thread while the other is measured here. */
// oxlint-disable-next-line import/no-default-export -- piscina calls the default export of a worker's file.
export default async function examineBatch({ tasks, stop }: WorkerBatch): Promise<WorkerAnswer[]> {
  const answers: WorkerAnswer[] = tasks.map(() => ({ fault: 'the pool was closed' }))
  const stopped = new Int32Array(stop)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < tasks.length && Atomics.load(stopped, 0) === 0) {
      const at = next++
      answers[at] = await examineFile(tasks[at]!).catch((error: unknown) => ({
        fault: error instanceof Error ? error.message : String(error),
        storage: readStorageFault(error)?.toBody(),
      }))
    }
  }
  await Promise.all([lane(), lane()])
  return answers
}
