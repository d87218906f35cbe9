import { z } from 'zod'
import type { TrainingJob } from '../types.ts'

const loggedLines = 5_000

const message = z.union([
  z.object({
    step: z.int().min(0),
    metrics: z.record(z.string().min(1).max(250), z.number()),
  }),
  z.object({
    progress: z.object({
      done: z.number().min(0),
      total: z.number().min(0).optional(),
      stage: z.string().min(1).max(100).default('train'),
      unit: z.string().min(1).max(100).default('steps'),
    }),
  }),
  z.object({ log: z.string() }),
])

/**
 * Takes what a foreign trainer says: curves, progress and words as JSON objects, one a line, on standard output; every other line is a
 * word too. Of endless words the first 5000 lines are kept.
 */
export function createListener(job: TrainingJob): (line: string) => Promise<void> {
  let logged = 0
  const log = (text: string): void => {
    logged++
    if (logged <= loggedLines) job.log(text)
    else if (logged === loggedLines + 1) job.log(`More than ${loggedLines} lines; the rest is left out.`)
  }
  return async (line) => {
    if (line.trim() === '') return
    const read = line.startsWith('{') ? readMessage(line) : undefined
    if (read === undefined) log(line)
    else if ('log' in read) log(read.log)
    else if ('progress' in read) {
      const { total, ...progress } = read.progress
      job.progress.report({ ...progress, ...(total === undefined ? {} : { total }) })
    } else await job.logMetrics(read.metrics, read.step)
  }
}

function readMessage(line: string): z.output<typeof message> | undefined {
  try {
    return message.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
