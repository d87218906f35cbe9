import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { Job } from '#contract'
import {
  FoveaError,
  toFoveaError,
  type CallContext,
  type Clock,
  type Logger,
  type MayReach,
  type Progress,
} from '#base'
import { createJobStore, type JobEvent } from './job-store.ts'
import { createMeter } from './meter.ts'

export interface JobRequest {
  operation: string
  /** Validated already. */
  input: unknown
  actor: string
  /** Whether only files that `mayReach` lets through may be read; kept over resumes, whoever resumes. */
  confined: boolean
  /** Aborts the job, as `cancel` does. */
  signal?: AbortSignal | undefined
  /** Sees every observation, not only the few that become events. */
  progress?: Progress | undefined
  log?: Logger | undefined
}

interface StartedJob {
  job: Job
  /** The output of the operation; rejects with its FoveaError. */
  finished: Promise<unknown>
}

export interface Jobs {
  start(request: JobRequest): Promise<StartedJob>
  list(filter: { state?: Job['state'] | undefined; limit: number }): Promise<Job[]>
  /** Throws JOB_NOT_FOUND. */
  show(id: string): Promise<Job>
  /** Aborts a running job and waits up to 5 s for it to end; a job that has ended is left as it is. */
  cancel(id: string): Promise<Job>
  /** Runs a cancelled, failed or interrupted job again under its id. Throws JOB_NOT_RESUMABLE. */
  resume(id: string): Promise<StartedJob>
  /** Events after the one numbered `after`, old ones first, then as they happen; ends when the job ends. */
  events(id: string, after: number, signal: AbortSignal): AsyncIterable<JobEvent>
  /** Aborts what runs, records it as interrupted, and waits for it. */
  close(): Promise<void>
}

interface Live {
  job: Job
  abort: AbortController
  lastEvent: number
  written: Promise<void>
  listeners: Set<(event: JobEvent) => void>
  ended: Promise<void>
}

const eventIntervalMs = 250

/**
 * Runs long operations: each has an id, a record and a file of events, and can be cancelled, watched and run again.
 * Jobs that a dead process left running are recorded as interrupted, and old records are removed. The caller holds the workspace's lock.
 */
export async function createJobs(deps: {
  folder: string
  clock: Clock
  mayReach: MayReach
  /** Ended jobs whose records are kept, the newest. */
  keep: number
  run: (operation: string, input: unknown, context: CallContext) => Promise<unknown>
}): Promise<Jobs> {
  const store = createJobStore({ folder: deps.folder })
  const live = new Map<string, Live>()
  let closing = false
  const now = (): string => new Date(deps.clock.now()).toISOString()

  for (const id of await store.marked()) {
    const job = await store.read(id).catch(() => undefined)
    if (job?.state === 'running') {
      const events = await store.events(id)
      const progress = events.findLast((event) => event.type === 'progress')?.data as Job['progress'] | undefined
      await store.write({ ...job, state: 'interrupted', endedAt: now(), progress: progress ?? null })
      await store.append(id, {
        id: (events.at(-1)?.id ?? 0) + 1,
        at: now(),
        type: 'state',
        data: { state: 'interrupted' },
      })
    }
    await store.unmarkRunning(id)
  }

  const prune = async (): Promise<void> => {
    const ended = (await store.list()).filter((id) => !live.has(id))
    for (const id of ended.slice(deps.keep)) await store.remove(id)
  }
  await prune()

  const emit = (entry: Live, type: JobEvent['type'], data: unknown): void => {
    const event: JobEvent = { id: ++entry.lastEvent, at: now(), type, data }
    entry.written = entry.written.then(() => store.append(entry.job.id, event))
    entry.written.catch(() => {})
    for (const listener of entry.listeners) listener(event)
  }

  async function launch(job: Job, lastEvent: number, request: JobRequest): Promise<StartedJob> {
    if (closing) throw new FoveaError('CANCELLED', 'The workspace is being closed.')
    const abort = new AbortController()
    // One listener for each picture on its way is no leak.
    setMaxListeners(0, abort.signal)
    const entry: Live = {
      job,
      abort,
      lastEvent,
      written: Promise.resolve(),
      listeners: new Set(),
      ended: Promise.resolve(),
    }
    live.set(job.id, entry)
    await store.markRunning(job.id)
    if (request.confined) await store.markConfined(job.id)
    await store.write(job)
    emit(entry, 'state', { state: 'running' })
    const onAbort = (): void => abort.abort(request.signal?.reason)
    if (request.signal?.aborted) onAbort()
    request.signal?.addEventListener('abort', onAbort, { once: true })

    const finished = runJob(entry, request).finally(() => request.signal?.removeEventListener('abort', onAbort))
    entry.ended = finished.then(
      () => {},
      () => {},
    )
    return { job: { ...job }, finished }
  }

  async function runJob(entry: Live, request: JobRequest): Promise<unknown> {
    const { job } = entry
    const meter = createMeter({ clock: deps.clock })
    let lastEmit = -Infinity
    let pending: NodeJS.Timeout | undefined
    const emitProgress = (): void => {
      clearTimeout(pending)
      pending = undefined
      lastEmit = deps.clock.monotonic()
      emit(entry, 'progress', job.progress)
    }
    const context: CallContext = {
      actor: request.actor,
      mayReach: request.confined ? deps.mayReach : undefined,
      signal: entry.abort.signal,
      progress: {
        report(observed) {
          request.progress?.report(observed)
          const stageChanged = job.progress?.stage !== observed.stage
          job.progress = meter.observe(observed)
          const waitMs = lastEmit + eventIntervalMs - deps.clock.monotonic()
          if (stageChanged || waitMs <= 0) emitProgress()
          else pending ??= setTimeout(emitProgress, waitMs)
        },
      },
      log: {
        info(message, facts) {
          request.log?.info(message, facts)
          emit(entry, 'log', { level: 'info', message, ...(facts === undefined ? {} : { facts }) })
        },
        warn(message, facts) {
          request.log?.warn(message, facts)
          emit(entry, 'log', { level: 'warn', message, ...(facts === undefined ? {} : { facts }) })
        },
      },
    }
    let failure: FoveaError | undefined
    try {
      job.result = await deps.run(request.operation, request.input, context)
      job.state = 'done'
    } catch (caught) {
      failure = toFoveaError(caught)
      job.error = failure.toBody()
      job.state =
        entry.abort.signal.aborted && failure.code === 'CANCELLED' ? (closing ? 'interrupted' : 'cancelled') : 'failed'
    }
    job.endedAt = now()
    if (pending !== undefined) emitProgress()
    try {
      await store.write(job)
      await store.unmarkRunning(job.id)
      emit(entry, 'state', { state: job.state, ...(job.error === null ? {} : { error: job.error }) })
      await entry.written
    } finally {
      live.delete(job.id)
    }
    // The work is done and recorded; what cannot be removed now is tried again after the next job.
    await prune().catch(() => {})
    if (failure !== undefined) throw failure
    return job.result
  }

  const show = async (id: string): Promise<Job> => {
    const entry = live.get(id)
    return entry === undefined ? store.read(id) : structuredClone(entry.job)
  }

  return {
    show,
    start(request) {
      const id = `j_${deps.clock.now().toString(36).padStart(9, '0')}_${randomBytes(4).toString('hex')}`
      const { operation, input, actor } = request
      return launch(
        {
          id,
          operation,
          actor,
          state: 'running',
          startedAt: now(),
          endedAt: null,
          progress: null,
          input,
          result: null,
          error: null,
        },
        0,
        request,
      )
    },
    async list(filter) {
      const jobs: Job[] = []
      for (const id of await store.list()) {
        if (jobs.length >= filter.limit) break
        const job = await show(id).catch(() => undefined)
        if (job !== undefined && (filter.state === undefined || job.state === filter.state)) jobs.push(job)
      }
      return jobs
    },
    async cancel(id) {
      const entry = live.get(id)
      if (entry !== undefined) {
        entry.abort.abort()
        await settleWithin(entry.ended, 5_000)
      }
      return show(id)
    },
    async resume(id) {
      const old = await show(id)
      if (old.state === 'running' || old.state === 'done') {
        throw new FoveaError(
          'JOB_NOT_RESUMABLE',
          `Expected a cancelled, failed or interrupted job, but ${id} is ${old.state}.`,
          {
            hint: old.state === 'done' ? 'Run the operation anew.' : 'Wait for it, or cancel it first.',
          },
        )
      }
      const last = (await store.events(id)).at(-1)?.id ?? 0
      const job: Job = {
        ...old,
        state: 'running',
        startedAt: now(),
        endedAt: null,
        progress: null,
        result: null,
        error: null,
      }
      const confined = await store.isConfined(id)
      return launch(job, last, { operation: old.operation, input: old.input, actor: old.actor, confined })
    },
    async *events(id, after, signal) {
      const entry = live.get(id)
      const queue: JobEvent[] = []
      let wake = (): void => {}
      const listener = (event: JobEvent): void => {
        queue.push(event)
        wake()
      }
      const onAbort = (): void => wake()
      entry?.listeners.add(listener)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        if (entry === undefined) await store.read(id)
        else await entry.written.catch(() => {})
        let last = after
        for (const event of await store.events(id)) {
          if (event.id <= last) continue
          last = event.id
          yield event
        }
        if (entry === undefined) return
        const over = entry.ended.then(() => true)
        for (;;) {
          while (queue.length > 0) {
            const event = queue.shift()!
            if (event.id <= last) continue
            last = event.id
            yield event
          }
          if (signal.aborted) return
          const woken = new Promise<boolean>((resolve) => (wake = () => resolve(false)))
          if (queue.length > 0) continue
          if ((await Promise.race([woken, over])) && queue.length === 0) return
        }
      } finally {
        entry?.listeners.delete(listener)
        signal.removeEventListener('abort', onAbort)
      }
    },
    async close() {
      closing = true
      for (const entry of live.values()) {
        entry.abort.abort(
          new FoveaError('CANCELLED', 'The process was stopped before the work ended.', {
            hint: 'Resume it with: fovea job resume',
          }),
        )
      }
      await Promise.all([...live.values()].map((entry) => entry.ended))
    },
  }
}

function settleWithin(promise: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)))
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer))
}
