import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFixedClock, silentProgress, type CallContext } from '#base'
import { createRunOperations } from './operations.ts'
import { createRunStore } from './store.ts'
import type { LocalRunStore } from './types.ts'

let folder: string
let runs: LocalRunStore
let called: unknown[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-run-operations-'))
  called = []
  runs = createRunStore({
    folder,
    clock: createFixedClock(0, 1000),
    environment: async () => ({ fovea: '1', node: 'v20', platform: 'x', cpus: 1, revision: null }),
  })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const context: CallContext = {
  signal: new AbortController().signal,
  progress: silentProgress,
  actor: 'me',
  log: { info: () => {}, warn: () => {} },
}
const call = async (id: string, input: unknown): Promise<Record<string, unknown>> => {
  const operations = createRunOperations({
    runs,
    async callOperation(operation, given, asked) {
      called.push([operation, given, asked.actor])
      return { ok: true }
    },
  })
  const { spec, handle } = operations.find((one) => one.spec.id === id)!
  return spec.output.parse(await handle(spec.input.parse(input), context)) as Record<string, unknown>
}
const about = { kind: 'train', name: 'tiles', actor: 'me' }

describe('run operations', () => {
  it('show a run with its files and those below it', async () => {
    const sweep = await runs.start({ ...about, kind: 'sweep' })
    const one = await runs.start({ ...about, parent: sweep.id })
    const two = await runs.start({ ...about, parent: sweep.id })
    await writeFile(join(two.artefacts, 'notes.txt'), 'hello')
    for (const run of [one, two, sweep]) await run.end('done')
    expect(await call('run.show', { run: sweep.id })).toMatchObject({ children: [one.id, two.id], artefacts: [] })
    expect(await call('run.show', { run: 'last' })).toMatchObject({ run: { id: two.id } })
    expect(await call('run.list', { parent: sweep.id, limit: 1 })).toMatchObject({ runs: [{ id: two.id }], total: 2 })
    expect(await call('run.artefacts', { run: two.id })).toMatchObject({ artefacts: [{ name: 'notes.txt', bytes: 5 }] })
    expect(await call('run.artefact', { run: two.id, name: 'notes.txt' })).toMatchObject({ bytes: 5, text: 'hello' })
    await expect(call('run.show', { run: 'run_nothing' })).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  })

  it('refuse to show as a text what is none', async () => {
    const run = await runs.start(about)
    await writeFile(join(run.artefacts, 'model.onnx'), Uint8Array.of(0xff, 0xfe, 0x00))
    await run.end('done')
    await expect(call('run.artefact', { run: run.id, name: 'model.onnx' })).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      hint: expect.stringContaining(`/runs/${run.id}/artefacts/model.onnx`),
    })
  })

  it('thin curves to the points asked for', async () => {
    const run = await runs.start(about)
    for (let step = 0; step < 50; step++) await run.logMetrics({ loss: step === 33 ? -5 : step, dice: step }, step)
    await run.end('done')
    const { curves } = (await call('run.history', { run: run.id, metrics: ['loss'], points: 8 })) as {
      curves: { metric: string; total: number; steps: number[]; values: number[]; times: number[] }[]
    }
    expect(curves).toHaveLength(1)
    expect(curves[0]).toMatchObject({ metric: 'loss', total: 50 })
    expect(curves[0]!.steps.length).toBeLessThanOrEqual(8)
    expect(curves[0]!.values).toContain(-5)
    expect(curves[0]!.steps).toContain(33)
    expect(curves[0]!.times).toHaveLength(curves[0]!.steps.length)
  })

  it('call again what a run was called with, changed as asked', async () => {
    const run = await runs.start({ ...about, call: { operation: 'training.train', input: { task: 'x', seed: 1 } } })
    await run.end('done')
    expect(await call('run.rerun', { run: run.id, changes: { seed: 2 } })).toEqual({
      operation: 'training.train',
      input: { task: 'x', seed: 2 },
      output: { ok: true },
    })
    expect(called).toEqual([['training.train', { task: 'x', seed: 2 }, 'me']])
    const logged = await runs.start(about)
    await logged.end('done')
    await expect(call('run.rerun', { run: logged.id })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('remove runs with those below them, all or none', async () => {
    const sweep = await runs.start(about)
    const child = await runs.start({ ...about, parent: sweep.id })
    const other = await runs.start(about)
    await sweep.end('done')
    await expect(call('run.remove', { runs: [sweep.id], below: true })).rejects.toMatchObject({ code: 'RUN_ACTIVE' })
    expect(await runs.list()).toHaveLength(3)
    await child.end('done')
    expect(await call('run.remove', { runs: [sweep.id], below: true })).toEqual({ removed: [sweep.id, child.id] })
    expect((await runs.list()).map(({ id }) => id)).toEqual([other.id])
    await other.end('done')
  })
})
