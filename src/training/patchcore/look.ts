import { throwIfAborted } from '#base'
import { createPrepare, inputOf } from '#models'
import type { Example, TrainingJob } from '../types.ts'
import type { PatchcoreParams } from './params.ts'
import { describeInput } from './patches.ts'
import { openNetwork } from './session.ts'

/** Pictures that are decoded and run at once. */
const batch = 4

/** Runs a network over pictures, and hands over its outputs by name, some pictures at a time. Throws CANCELLED, MEDIA_UNREADABLE and the like. */
export async function runPictures(
  job: Pick<TrainingJob, 'threads' | 'maxPixels' | 'signal' | 'progress'>,
  model: Uint8Array,
  examples: readonly Example[],
  params: PatchcoreParams,
  stage: string,
  visit: (answers: Record<string, Float32Array>, some: readonly Example[]) => void,
): Promise<void> {
  const input = await describeInput(params)
  const prepare = createPrepare(input, job.maxPixels)
  const network = await openNetwork(model, job.threads)
  try {
    for (let from = 0; from < examples.length; from += batch) {
      throwIfAborted(job.signal)
      const some = examples.slice(from, from + batch)
      const pictures = await Promise.all(some.map(async ({ file }) => inputOf(input, await prepare({ file }))))
      visit(await network.run(pictures, params.size), some)
      job.progress.report({ stage, done: from + some.length, total: examples.length, unit: 'pictures' })
    }
  } finally {
    await network.close()
  }
}
