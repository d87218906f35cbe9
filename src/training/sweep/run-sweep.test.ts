import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createFixedClock, FoveaError, pathExists, silentProgress, throwIfAborted, type CallContext } from '#base'
import { createRunStore, type RunStore } from '#experiments'
import type { TrainingDeps } from '../deps.ts'
import type { TrainingPlan } from '../run/execute.ts'
import type { Trainer } from '../types.ts'
import { runSweep } from './run-sweep.ts'
import type { Trial, TrialSet } from './trial.ts'
import { planRungs, type Rung, type TrialParams } from './trials.ts'

let root: string
let store: RunStore
/** What was trained, as `x@epochs`, in order. */
let trained: string[]
let abort: AbortController
/** Cancels while so many trainings are done already. */
let cancelAfter: number
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-sweep-'))
  trained = []
  abort = new AbortController()
  cancelAfter = Infinity
  store = createRunStore({
    folder: join(root, 'runs'),
    clock: createFixedClock(0, 1000),
    environment: async () => ({ fovea: '1', node: 'v20', platform: 'x', cpus: 1, revision: null }),
  })
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** As good as `x` is near 7, the more so the more epochs; 13 fails. Little epochs flatter 3. */
const trainer: Trainer = {
  name: 'guess',
  title: 'Guesses',
  tasks: ['classification'],
  params: z.looseObject({}),
  async train({ params, folder, signal }) {
    if (trained.length >= cancelAfter) abort.abort()
    throwIfAborted(signal)
    const [x, epochs] = [Number(params['x']), Number(params['epochs'] ?? 9)]
    trained.push(`${x}@${epochs}`)
    if (x === 13) throw new FoveaError('TRAINER_FAILED', 'Unlucky.')
    const model = join(folder, 'model')
    await mkdir(model, { recursive: true })
    await writeFile(join(model, 'x'), String(x))
    const flattery = x === 3 && epochs < 9 ? 10 : 0
    return { folder: model, metrics: { score: flattery + epochs / (1 + Math.abs(x - 7)), error: Math.abs(x - 7) } }
  },
}

interface Told {
  sets: number[]
  rungs?: Rung[]
  metric?: string
  direction?: 'max' | 'min'
}

async function sweep(
  { sets, rungs = [], metric = 'score', direction = 'max' }: Told,
  previous?: string,
): Promise<Trial[]> {
  const context: CallContext = {
    signal: abort.signal,
    progress: silentProgress,
    actor: 'me',
    log: { info: () => {}, warn: () => {} },
  }
  const writer =
    previous === undefined
      ? await store.start({ kind: 'sweep', name: 'guess', actor: 'me' })
      : await store.reopen(previous)
  const earlier = (await store.list()).filter(({ parent }) => parent === writer.id)
  const planOf = ({ params, epochs }: TrialSet): TrainingPlan => ({
    trainer,
    task: 'classification',
    params: { ...params, ...(epochs === null ? {} : { epochs }) },
    data: {
      train: [],
      validation: [],
      classes: [],
      selection: { dataset: 'd', query: '', layer: 'truth', samples: 0, validation: 0, digest: 'same' },
      skipped: 0,
      notes: [],
    },
    field: undefined,
    normal: undefined,
    seed: 0,
  })
  const deps = { threads: 1, maxPixels: 1, clock: createFixedClock(0, 1000) } as TrainingDeps
  const frame = { store, parent: writer.id, folder: join(root, 'work'), name: 'guess', metric, earlier }
  try {
    const asParams: TrialParams[] = sets.map((x) => ({ x }))
    const trials = await runSweep(deps, frame, { sets: asParams, rungs, direction, planOf }, writer, context)
    await writer.end('done')
    return trials
  } catch (error) {
    await writer.end(abort.signal.aborted ? 'cancelled' : 'failed')
    throw error
  }
}
const named = (trials: readonly Trial[]): string[] => trials.map(({ params, epochs }) => `${params['x']}@${epochs}`)
const sweepRun = async (): Promise<string> => (await store.list()).find(({ kind }) => kind === 'sweep')!.id

describe('sets tried once', () => {
  it('are ordered by the metric, one that fails last; only the model of the best is kept', async () => {
    const trials = await sweep({ sets: [1, 13, 6, 9] })
    expect(named(trials)).toEqual(['6@null', '9@null', '1@null', '13@null'])
    expect(trials[3]).toMatchObject({ value: null, error: 'Unlucky.', trained: null })
    const there = await Promise.all(
      trials.map(async ({ trained: made }) => made !== null && (await pathExists(made.folder))),
    )
    expect(there).toEqual([true, false, false, false])
  })

  it('are ordered the other way for errors', async () => {
    const trials = await sweep({ sets: [1, 6, 9], metric: 'error', direction: 'min' })
    expect(trials.map(({ value }) => value)).toEqual([1, 2, 6])
  })

  it('are refused for a metric that is not measured, with the nearest', async () => {
    await expect(sweep({ sets: [1], metric: 'scor' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      hint: expect.stringContaining('score') as string,
    })
  })

  it('all failing give no model', async () => {
    const trials = await sweep({ sets: [13] })
    expect(trials).toMatchObject([{ value: null, trained: null }])
  })
})

describe('successive halving', () => {
  const sets = [1, 2, 3, 4, 13, 6, 8, 10, 12]

  it('gives the best third three times the epochs, and answers each set once with its last round', async () => {
    const trials = await sweep({ sets, rungs: planRungs(9, 9) })
    expect(trained.slice(0, 9)).toEqual(sets.map((x) => `${x}@1`))
    // 3 is flattered in the rounds before the last; of 6 and 8, as good as each other, the first stays.
    expect(trained.slice(9)).toEqual(['3@3', '6@3', '8@3', '3@9'])
    expect(named(trials)).toEqual(['3@9', '6@3', '8@3', '4@1', '10@1', '2@1', '12@1', '1@1', '13@1'])
    expect(await pathExists(trials[0]!.trained!.folder)).toBe(true)
    const own = (await store.list()).filter(({ kind }) => kind === 'train')
    expect(own).toHaveLength(13)
    expect(own.filter(({ state }) => state === 'failed')).toHaveLength(1)
  })

  it.each([0, 3, 9, 10, 12])('cancelled after %i trainings it is taken up without doing any twice', async (done) => {
    const whole = await sweep({ sets, rungs: planRungs(9, 9) })
    const all = [...trained]
    // Again from nothing, cancelled in between.
    trained = []
    cancelAfter = done
    await rm(join(root, 'work'), { recursive: true })
    await expect(sweep({ sets, rungs: planRungs(9, 9) })).rejects.toMatchObject({ code: 'CANCELLED' })
    const id = await sweepRun()
    const states = (await store.list()).filter(({ parent }) => parent === id).map(({ state }) => state)
    expect(states.filter((state) => state === 'cancelled')).toHaveLength(1)
    abort = new AbortController()
    cancelAfter = Infinity
    const trials = await sweep({ sets, rungs: planRungs(9, 9) }, id)
    // What failed is tried again.
    expect(trained.filter((each) => each !== '13@1')).toEqual(all.filter((each) => each !== '13@1'))
    expect(named(trials)).toEqual(named(whole))
    expect(trials.map(({ value }) => value)).toEqual(whole.map(({ value }) => value))
    expect(trials.some(({ resumed }) => resumed)).toBe(done > 0)
    expect(await pathExists(trials[0]!.trained!.folder)).toBe(true)
  })

  it('trains the best again where its model is gone', async () => {
    cancelAfter = 12
    await expect(sweep({ sets, rungs: planRungs(9, 9) })).rejects.toMatchObject({ code: 'CANCELLED' })
    abort = new AbortController()
    cancelAfter = Infinity
    await sweep({ sets, rungs: planRungs(9, 9) }, await sweepRun())
    await rm(join(root, 'work'), { recursive: true })
    trained = []
    const trials = await sweep({ sets, rungs: planRungs(9, 9) }, await sweepRun())
    expect(trained.filter((each) => each !== '13@1')).toEqual(['3@9'])
    expect(await pathExists(trials[0]!.trained!.folder)).toBe(true)
  })
})
