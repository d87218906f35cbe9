import type { MessagePort } from 'node:worker_threads'
import { FoveaError, type ProgressEvent } from '#base'
import type { ErrorBody } from '#contract'
import { tasks, type TaskName } from './tasks.ts'

export interface WorkerCall {
  name: TaskName
  input: unknown
  /** Progress goes out through it; any message that comes in means stop. */
  port: MessagePort
}

export type WorkerReply = { result: unknown } | { error: ErrorBody }

/** Runs one task. A refusal travels as data, because classes of errors do not survive the way. */
// oxlint-disable-next-line import/no-default-export -- piscina calls the default export of a worker's file.
export default async function runTask({ name, input, port }: WorkerCall): Promise<WorkerReply> {
  const stop = new AbortController()
  port.on('message', () => stop.abort())
  try {
    const report = (event: ProgressEvent): void => port.postMessage(event)
    const run = tasks[name] as (given: unknown, work: object) => Promise<unknown>
    return { result: await run(input, { signal: stop.signal, progress: { report } }) }
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error
    const { code, message, hint } = error
    return { error: { code, message, ...(hint === undefined ? {} : { hint }) } }
  } finally {
    port.close()
  }
}
