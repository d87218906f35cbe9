import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFixedClock } from '#base'
import { createRunStore } from './store.ts'
import type { LocalRunStore } from './types.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-runs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const environment = { fovea: '1.0.0', node: 'v20', platform: 'linux-x64', cpus: 2, revision: null }
const open = (memoryBytes?: () => number): LocalRunStore =>
  createRunStore({
    folder,
    clock: createFixedClock(Date.UTC(2026, 0, 1), 1000),
    environment: async () => environment,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  })
const about = { kind: 'train', name: 'tiles', actor: 'me' }

describe('a run', () => {
  it('keeps what it is told, over a restart', async () => {
    let memory = 100
    const store = open(() => memory)
    const run = await store.start({ ...about, params: { rate: 0.1 }, tags: { team: 'a' }, experiment: 'heads' })
    memory = 700
    await run.logMetrics({ loss: 2, dice: 0.1 }, 1)
    memory = 300
    run.noteMemory(500)
    run.noteMemory(0)
    await run.logMetrics({ loss: 1 }, 2)
    await run.update({ params: { batch: 8 }, tags: { team: 'b' }, model: 'tiles:1' })
    await writeFile(join(run.artefacts, 'notes.txt'), 'hello')
    await run.end('done')
    const expected = {
      ...about,
      id: run.id,
      experiment: 'heads',
      state: 'done',
      params: { rate: 0.1, batch: 8 },
      tags: { team: 'b' },
      metrics: { loss: 1, dice: 0.1 },
      model: 'tiles:1',
      environment,
      peakMemoryBytes: 800,
      parent: null,
      error: null,
    }
    expect(await store.find(run.id)).toMatchObject(expected)
    const later = await open().find(run.id)
    expect(later).toEqual(await store.find(run.id))
    expect(later.durationMs).toBeGreaterThan(0)
    expect(Date.parse(later.endedAt!)).toBeGreaterThan(Date.parse(later.startedAt))
    expect(await open().listArtefacts(run.id)).toEqual([{ name: 'notes.txt', bytes: 5 }])
    await expect(run.logMetrics({ loss: 0 })).rejects.toThrow(/has ended/)
  })

  it('numbers steps by itself, keeps repeated ones, and calls the highest step the last', async () => {
    const store = open()
    const run = await store.start(about)
    await run.logMetrics({ a: 5 })
    await run.logMetrics({ a: 6, b: 1 })
    await run.logMetrics({ a: 9 }, 10)
    await run.logMetrics({ a: 7 }, 10)
    await run.logMetrics({ a: 1 }, 3)
    expect((await store.find(run.id)).metrics).toEqual({ a: 7, b: 1 })
    const history = await store.history(run.id, 'a')
    expect(history.map(({ step, value }) => [step, value])).toEqual([
      [0, 5],
      [1, 6],
      [3, 1],
      [10, 9],
      [10, 7],
    ])
    expect((await store.history(run.id)).map(({ key }) => key)).toContain('b')
    await run.end('done')
  })

  it.each([
    [{ loss: NaN }, 0, /finite number for the metric loss, got NaN/],
    [{ loss: Infinity }, 0, /got Infinity/],
    [{ '': 1 }, 0, /with a name/],
    [{ loss: 1 }, 0.5, /whole number as step/],
  ])('refuses %j at step %d', async (values, step, message) => {
    const store = open()
    const run = await store.start(about)
    await expect(run.logMetrics(values, step)).rejects.toMatchObject({
      code: 'METRIC_INVALID',
      message: expect.stringMatching(message),
    })
    expect(await store.history(run.id)).toEqual([])
    await run.end('failed', { code: 'METRIC_INVALID', message: 'x' })
    expect((await store.find(run.id)).error).toEqual({ code: 'METRIC_INVALID', message: 'x' })
  })

  it('writes whole lines however many are logged side by side', async () => {
    const store = open()
    const run = await store.start(about)
    await Promise.all(Array.from({ length: 500 }, (_, i) => run.logMetrics({ [`m${i % 7}`]: i }, i)))
    expect(await store.history(run.id)).toHaveLength(500)
    await run.end('done')
  })
})

describe('after a kill', () => {
  it('a run that was open is interrupted, with the metrics that were written; it goes on where it was', async () => {
    const killed = open()
    const run = await killed.start(about)
    await run.logMetrics({ loss: 3 }, 1)
    await run.logMetrics({ loss: 2 }, 2)
    const metrics = join(folder, run.id, 'metrics.jsonl')
    await appendFile(metrics, '["loss",3,')

    const store = open()
    const found = await store.find(run.id)
    expect(found).toMatchObject({ state: 'interrupted', metrics: { loss: 2 }, error: null })
    expect(found.endedAt).not.toBeNull()
    expect(await store.history(run.id)).toHaveLength(2)

    const again = await store.reopen(run.id)
    expect((await store.find(run.id)).state).toBe('running')
    await expect(store.reopen(run.id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' })
    await again.logMetrics({ loss: 1 })
    await again.end('done')
    expect((await store.history(run.id)).map(({ step, value }) => [step, value])).toEqual([
      [1, 3],
      [2, 2],
      [3, 1],
    ])
    expect((await readFile(metrics, 'utf8')).trimEnd().split('\n')).toHaveLength(3)
    expect((await open().find(run.id)).state).toBe('done')
  })

  it('what was half made or half removed is gone, and the rest stands', async () => {
    const first = open()
    const run = await first.start(about)
    await run.end('done')
    await mkdir(join(folder, 'run_abcdefghijkm', 'artefacts'), { recursive: true })
    await mkdir(join(folder, '.removed-run_bbbbbbbbbbbb'))
    await writeFile(join(folder, run.id, 'run.json.0123456789ab.tmp'), '{"id":')
    expect((await open().list()).map(({ id }) => id)).toEqual([run.id])
    expect(await readdir(folder)).toEqual([run.id])
  })
})

describe('the store', () => {
  it('lists the newest first, and names the nearest of an id that is not there', async () => {
    const store = open()
    await expect(store.find('run_x')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
    const ids: string[] = []
    for (let i = 0; i < 3; i++) {
      const run = await store.start(about)
      ids.unshift(run.id)
      await run.end('done')
    }
    expect((await store.list()).map(({ id }) => id)).toEqual(ids)
    await expect(store.find(`${ids[1]!.slice(0, -1)}_`)).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
      hint: expect.stringContaining(ids[1]!),
    })
  })

  it('removes a run that has ended; those below it lose their parent', async () => {
    const store = open()
    const sweep = await store.start({ ...about, kind: 'sweep' })
    const child = await store.start({ ...about, parent: sweep.id })
    await child.end('done')
    await expect(store.remove(sweep.id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' })
    await sweep.end('cancelled')
    await store.remove(sweep.id)
    for (const one of [store, open()]) expect(await one.list()).toMatchObject([{ id: child.id, parent: null }])
    expect(await readdir(folder)).toEqual([child.id])
  })

  it('gives artefacts by their name, and nothing outside', async () => {
    const store = open()
    const run = await store.start(about)
    await mkdir(join(run.artefacts, 'plots'))
    await writeFile(join(run.artefacts, 'plots', 'loss.csv'), 'a')
    await run.end('done')
    expect(await store.artefactFile(run.id, 'plots/loss.csv')).toBe(join(run.artefacts, 'plots', 'loss.csv'))
    await expect(store.artefactFile(run.id, 'plots')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
    await expect(store.artefactFile(run.id, '../run.json')).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
    await symlink('/etc/passwd', join(run.artefacts, 'users'))
    await expect(store.artefactFile(run.id, 'users')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
    expect(await store.listArtefacts(run.id)).toEqual([{ name: 'plots/loss.csv', bytes: 1 }])
  })
})
