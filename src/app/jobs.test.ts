import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FoveaError, systemClock, throwIfAborted, type CallContext, type Clock } from '#base'
import type { JobEvent } from './job-store.ts'
import { createJobs, type Jobs } from './jobs.ts'

let folder: string
let gate: { open: () => void; opened: Promise<void> }
let jobs: Jobs
let reached: unknown[]

/** `count`: reports three steps, waiting for the gate, or for the signal, after the first. */
async function run(
  operation: string,
  _input: unknown,
  { progress, signal, log, mayReach }: CallContext,
): Promise<unknown> {
  if (operation === 'test.fail') throw new FoveaError('FORMAT_UNKNOWN', 'No format fits.', { hint: 'Name one.' })
  if (operation === 'test.reach') {
    reached.push(mayReach && [await mayReach('/open'), await mayReach('/shut')])
    throw new Error('again')
  }
  progress.report({ stage: 'count', done: 1, total: 3, unit: 'steps' })
  log.warn('slow')
  await Promise.race([gate.opened, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
  throwIfAborted(signal)
  progress.report({ stage: 'count', done: 2, total: 3, unit: 'steps' })
  progress.report({ stage: 'count', done: 3, total: 3, unit: 'steps' })
  return { counted: 3 }
}

/** A millisecond for every look at it, and none between reports: ids are in order, and reports after the first wait for the end. */
let nowMs: number
const clock: Clock = { ...systemClock, now: () => nowMs++, monotonic: () => 0 }
const openJobs = (): Promise<Jobs> =>
  createJobs({ folder, clock, mayReach: async (file) => file === '/open', keep: 3, run })
const request = { operation: 'test.count', input: { a: 1 }, actor: 'local', confined: false }

async function collect(id: string, after = 0): Promise<JobEvent[]> {
  const events: JobEvent[] = []
  for await (const event of jobs.events(id, after, new AbortController().signal)) events.push(event)
  return events
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-jobs-'))
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  nowMs = Date.UTC(2026, 0, 1)
  gate = { open, opened }
  jobs = await openJobs()
  reached = []
})
afterEach(async () => {
  await jobs.close()
  await rm(folder, { recursive: true, force: true })
})

test('a job is recorded with its input, progress, result and events', async () => {
  const { job, finished } = await jobs.start(request)
  expect(job).toMatchObject({ state: 'running', operation: 'test.count', input: { a: 1 }, endedAt: null })
  expect(job.id).toMatch(/^j_[0-9a-z]+_[0-9a-f]{8}$/)
  const watched = collect(job.id)
  gate.open()
  expect(await finished).toEqual({ counted: 3 })
  expect(await jobs.show(job.id)).toMatchObject({
    state: 'done',
    result: { counted: 3 },
    progress: { done: 3, total: 3 },
  })
  const events = await watched
  expect(events.map((event) => event.id)).toEqual(events.map((_, i) => i + 1))
  expect(events.map((event) => event.type)).toEqual(['state', 'progress', 'log', 'progress', 'state'])
  expect(events.at(-1)?.data).toEqual({ state: 'done' })
  // What was streamed live is what was written, and a reader may start anywhere.
  expect(await collect(job.id)).toEqual(events)
  expect(await collect(job.id, 3)).toEqual(events.slice(3))
  expect(JSON.parse(await readFile(join(folder, job.id, 'job.json'), 'utf8'))).toMatchObject({ state: 'done' })
})

test('cancelling aborts the signal of the work; the job can be resumed under its id', async () => {
  const { job, finished } = await jobs.start(request)
  expect((await jobs.cancel(job.id)).state).toBe('cancelled')
  await expect(finished).rejects.toMatchObject({ code: 'CANCELLED' })
  const before = await collect(job.id)
  gate.open()
  const again = await jobs.resume(job.id)
  expect(again.job.id).toBe(job.id)
  expect(await again.finished).toEqual({ counted: 3 })
  const after = await collect(job.id)
  expect(after.slice(0, before.length)).toEqual(before)
  expect(after.map((event) => event.id)).toEqual(after.map((_, i) => i + 1))
  await expect(jobs.resume(job.id)).rejects.toMatchObject({ code: 'JOB_NOT_RESUMABLE' })
})

test('the signal of the caller cancels too', async () => {
  const stop = new AbortController()
  const { job, finished } = await jobs.start({ ...request, signal: stop.signal })
  stop.abort()
  await expect(finished).rejects.toMatchObject({ code: 'CANCELLED' })
  expect((await jobs.show(job.id)).state).toBe('cancelled')
})

test('a failure keeps its code, message and hint', async () => {
  const { job, finished } = await jobs.start({ ...request, operation: 'test.fail' })
  await expect(finished).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' })
  expect(await jobs.show(job.id)).toMatchObject({
    state: 'failed',
    error: { code: 'FORMAT_UNKNOWN', hint: 'Name one.' },
  })
})

test('closing stops what runs and says interrupted', async () => {
  const { job, finished } = await jobs.start(request)
  finished.catch(() => {})
  await jobs.close()
  jobs = await openJobs()
  expect((await jobs.show(job.id)).state).toBe('interrupted')
  expect(await jobs.list({ state: 'interrupted', limit: 10 })).toHaveLength(1)
})

test('a job of a process that died is found interrupted at the next start, with the progress it had', async () => {
  const { job } = await jobs.start(request)
  // Another start over the same files stands for the next process; the half line is what a crash leaves.
  await collectUntil(job.id, 'log')
  await appendFile(join(folder, job.id, 'events.ndjson'), '{"id":9,"at":"2026-')
  const next = await openJobs()
  expect(await next.show(job.id)).toMatchObject({ state: 'interrupted', progress: { stage: 'count', done: 1 } })
  await next.close()
})

async function collectUntil(id: string, type: JobEvent['type']): Promise<void> {
  for await (const event of jobs.events(id, 0, new AbortController().signal)) if (event.type === type) return
}

test('jobs are listed newest first, and unknown ones are told', async () => {
  gate.open()
  for (let i = 0; i < 3; i++) {
    await (
      await jobs.start({ ...request, input: { i } })
    ).finished
  }
  expect((await jobs.list({ limit: 2 })).map((job) => job.input)).toEqual([{ i: 2 }, { i: 1 }])
  await expect(jobs.show('j_x_y')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
  await expect(jobs.show('../../etc')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
})

test('a confined job stays confined when it is run again, in another process too', async () => {
  const confined = await jobs.start({ ...request, operation: 'test.reach', confined: true })
  const open = await jobs.start({ ...request, operation: 'test.reach' })
  await Promise.allSettled([confined.finished, open.finished])
  await jobs.close()
  jobs = await openJobs()
  await (await jobs.resume(confined.job.id)).finished.catch(() => {})
  await (await jobs.resume(open.job.id)).finished.catch(() => {})
  expect(reached).toEqual([[true, false], undefined, [true, false], undefined])
  expect(await jobs.show(confined.job.id)).not.toHaveProperty('confined')
})

test('the newest ended jobs are kept, and whatever runs', async () => {
  const running = await jobs.start(request)
  running.finished.catch(() => {})
  const ended: string[] = []
  for (let i = 0; i < 5; i++) {
    const { job, finished } = await jobs.start({ ...request, operation: 'test.fail' })
    await finished.catch(() => {})
    ended.push(job.id)
  }
  const ids = async (): Promise<string[]> => (await jobs.list({ limit: 100 })).map((job) => job.id)
  expect(await ids()).toEqual([...ended.slice(2).reverse(), running.job.id])
  await expect(jobs.show(ended[0]!)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
  expect((await readdir(folder)).filter((name) => name.startsWith('j_'))).toHaveLength(4)
  // At the start too: the one that ran is the oldest of four now.
  await jobs.close()
  jobs = await openJobs()
  expect(await ids()).toEqual(ended.slice(2).reverse())
})
