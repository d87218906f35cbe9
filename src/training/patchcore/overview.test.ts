import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { elementType, encodeModel, node, openTaskModel, value } from '#models'
import type { Example } from '../types.ts'
import { patchcore } from './index.ts'
import { runPictures } from './look.ts'
import { joinOverview, learnOverview, matchSpread } from './overview.ts'
import { patchcoreParams } from './params.ts'
import { createJob, writeExamples } from './testing.ts'

const told = { size: 64, bank: 60, pool: 600, projection: 32, scaling: 'whiten' }
const surfaces = 36

let folder: string
let normal: Example[]
let spotted: Example[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-overview-'))
  normal = await writeExamples(folder, 1, Array<undefined>(surfaces).fill(undefined))
  spotted = await writeExamples(folder, 101, [
    { x: 24, y: 24, radius: 9 },
    { x: 60, y: 50, radius: 8 },
  ])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const measure = (values: readonly number[]): { mean: number; spread: number } => {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  return { mean, spread: Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length) }
}

/** Distances of the overview as the network says them. */
async function askNetwork(network: Uint8Array, examples: readonly Example[]): Promise<number[]> {
  const params = patchcoreParams.parse(told)
  const distances: number[] = []
  await runPictures(createJob(folder, {}), network, examples, params, 'ask', (answers) => {
    distances.push(...answers['overview.distance']!)
  })
  return distances
}

describe('the overview of pictures', () => {
  it.each(['keep', 'even'] as const)('measures in the network as in training: %s', async (brightness) => {
    const params = patchcoreParams.parse({ ...told, brightness })
    const [kept, heldOut] = [normal.slice(0, 28), normal.slice(28)]
    const rng = createRng(4)
    const scores = heldOut.map(() => rng.normal(7, 3))
    const overview = await learnOverview(createJob(folder, {}), kept, heldOut, scores, params)
    const rest = encodeModel({
      nodes: [node('Identity', ['picture'], 'distances')],
      initializers: [],
      inputs: [value('picture', elementType.float, ['n', 3, 'height', 'width'])],
      outputs: [value('distances', elementType.float, ['n', 3, 'height', 'width'])],
    })
    const network = await joinOverview(rest, overview, params)
    const added = (distance: number): number => overview.gain * distance + overview.shift
    const usual = measure((await askNetwork(network, heldOut)).map(added))
    expect(usual.mean).toBeCloseTo(0, 2)
    expect(usual.spread).toBeCloseTo(measure(scores).spread, 2)
    for (const distance of await askNetwork(network, spotted)) expect(added(distance)).toBeGreaterThan(usual.spread)
  })

  it('leads one spread to another, and adds nothing where there is none', () => {
    const { gain, shift } = matchSpread([1, 3], [10, 16])
    expect([gain * 1 + shift, gain * 3 + shift]).toEqual([-3, 3])
    expect(matchSpread([2, 2, 2], [1, 5, 9])).toEqual({ gain: 0, shift: 0 })
    expect(matchSpread([1, 5], [4, 4])).toEqual({ gain: 0, shift: 0 })
  })
})

describe('patchcore with an overview', () => {
  const trainOn = async (name: string, params: Record<string, boolean>, train = normal): ReturnType<typeof run> =>
    run(join(folder, name), params, train)
  const run = async (
    own: string,
    params: Record<string, boolean>,
    train: readonly Example[],
  ): Promise<{ scores: number[]; logged: string[]; bytes: Buffer }> => {
    const logged: string[] = []
    const validation = [...normal.slice(0, 4), ...spotted]
    const job = createJob(own, { train, validation, params: { ...told, ...params }, log: (line) => logged.push(line) })
    const trained = await patchcore.train(job)
    expect(trained.metrics['auroc']).toBe(1)
    const model = await openTaskModel({ folder: trained.folder, threads: 1, maxPixels: 1e6 })
    try {
      const pictures = await Promise.all(validation.map(({ file }) => model.prepare({ file })))
      const scores = (await model.predict(pictures)).map(({ anomaly }) => anomaly!.score)
      return { scores, logged, bytes: await readFile(join(trained.folder, 'model.onnx')) }
    } finally {
      await model.close()
    }
  }

  it('adds to the scores of pictures that are odd as a whole', async () => {
    const [whole, patches] = [await trainOn('whole', {}), await trainOn('patches', { overview: false })]
    const gaps = [whole, patches].map(({ scores }) => Math.min(...scores.slice(4)) - Math.max(...scores.slice(0, 4)))
    expect(gaps[0]).toBeGreaterThan(gaps[1]!)
    expect(whole.logged.join()).not.toContain('alone')
  })

  it('goes on from the overview it knew when it was stopped', async () => {
    const own = join(folder, 'stopped')
    const controller = new AbortController()
    const progress = { report: ({ stage }: { stage: string }) => stage === 'judge' && controller.abort() }
    const validation = [...normal.slice(0, 4), ...spotted]
    const job = createJob(own, { train: normal, validation, params: told, progress, signal: controller.signal })
    await expect(patchcore.train(job)).rejects.toMatchObject({ code: 'CANCELLED' })
    const stages: string[] = []
    const heard = { report: ({ stage }: { stage: string }) => void stages.push(stage) }
    const resumed = await patchcore.train({ ...job, progress: heard, signal: new AbortController().signal })
    expect(new Set(stages)).toEqual(new Set(['judge']))
    const { bytes } = await trainOn('at-once', {})
    expect(bytes.equals(await readFile(join(resumed.folder, 'model.onnx')))).toBe(true)
  })

  it('says so where too few pictures tell what is usual', async () => {
    const few = normal.slice(0, 20)
    const { logged, bytes } = await trainOn('few', {}, few)
    expect(logged.join()).toContain('patches alone')
    expect(bytes.equals((await trainOn('few-patches', { overview: false }, few)).bytes)).toBe(true)
  })
})
