import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { FoveaError, throwIfAborted, type ProgressEvent } from '#base'
import type { LongWork } from '../types.ts'
import type { TaskInput, TaskName, TaskResult } from './tasks.ts'
import type { WorkerCall, WorkerReply } from './worker.ts'

const idleTimeoutMs = 60_000

/** Runs numeric work on threads of its own, so that the process goes on answering. */
export interface VectorEngine {
  /** Short questions about a matrix that stays loaded, one after the other. */
  ask<N extends TaskName>(name: N, input: TaskInput<N>, work?: LongWork): Promise<TaskResult<N>>
  /** Long work, on another thread. */
  run<N extends TaskName>(name: N, input: TaskInput<N>, work?: LongWork): Promise<TaskResult<N>>
  close(): Promise<void>
}

export function createVectorEngine(): VectorEngine {
  const isSource = import.meta.url.endsWith('.ts')
  const pools = new Map<'short' | 'long', Piscina<WorkerCall, WorkerReply>>()
  const running = new Set<Promise<unknown>>()
  const stops = new Set<() => void>()
  const poolOf = (length: 'short' | 'long'): Piscina<WorkerCall, WorkerReply> => {
    const known = pools.get(length)
    if (known !== undefined) return known
    const pool = new Piscina<WorkerCall, WorkerReply>({
      filename: fileURLToPath(new URL(isSource ? './worker.ts' : './worker.js', import.meta.url)),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: idleTimeoutMs,
      ...(isSource ? { execArgv: ['--conditions=fovea-source', '--import', import.meta.resolve('tsx')] } : {}),
    })
    pools.set(length, pool)
    return pool
  }
  const call = async (length: 'short' | 'long', name: TaskName, input: unknown, work: LongWork): Promise<unknown> => {
    throwIfAborted(work.signal)
    const { port1, port2 } = new MessageChannel()
    const stop = (): void => port1.postMessage('stop')
    port1.on('message', (event: ProgressEvent) => work.progress?.report(event))
    work.signal?.addEventListener('abort', stop, { once: true })
    stops.add(stop)
    const answer = poolOf(length).run({ name, input, port: port2 }, { transferList: [port2] })
    running.add(answer)
    try {
      const reply = await answer
      throwIfAborted(work.signal)
      if ('error' in reply) throw new FoveaError(reply.error.code, reply.error.message, { hint: reply.error.hint })
      return reply.result
    } finally {
      running.delete(answer)
      stops.delete(stop)
      work.signal?.removeEventListener('abort', stop)
      port1.close()
    }
  }
  return {
    ask: async (name, input, work = {}) => (await call('short', name, input, work)) as never,
    run: async (name, input, work = {}) => (await call('long', name, input, work)) as never,
    async close() {
      for (const stop of stops) stop()
      await Promise.allSettled(running)
      for (const pool of pools.values()) await pool.destroy()
      pools.clear()
    },
  }
}
