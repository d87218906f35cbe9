import sharp from 'sharp'
import { examineFile } from './examine.ts'
import type { ExamineResult, ExamineTask } from './types.ts'

/** What a worker answers for one task: its result, or a failure that is not the file's. */
export type WorkerAnswer = ExamineResult | { fault: string }

// Pictures are spread over threads already, and none is read twice.
sharp.concurrency(1)
sharp.cache(false)

/** Examines a batch of files, in order; decoding of the next overlaps with measuring of the last. */
// oxlint-disable-next-line import/no-default-export -- piscina calls the default export of a worker's file.
export default async function examineBatch(tasks: readonly ExamineTask[]): Promise<WorkerAnswer[]> {
  const answers: WorkerAnswer[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < tasks.length) {
      const at = next++
      answers[at] = await examineFile(tasks[at]!).catch((error: unknown) => ({
        fault: error instanceof Error ? error.message : String(error),
      }))
    }
  }
  await Promise.all([lane(), lane()])
  return answers
}
