import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRng, silentProgress, type Progress } from '#base'
import { openTaskModel } from '#models'
import type { Example } from '../types.ts'
import { chooseCoreset } from './coreset.ts'
import { patchcore } from './index.ts'
import { evenPlaces } from './places.ts'
import { createJob, writeExamples } from './testing.ts'
import { scaleRows, whiten } from './whiten.ts'

const tiny = { size: 96, bank: 150, pool: 700, projection: 32, scaling: 'whiten', share: 0 }
const spots = [
  { x: 24, y: 24, radius: 7 },
  { x: 70, y: 30, radius: 6 },
  { x: 40, y: 72, radius: 8 },
]

const normals = 3

let folder: string
let train: Example[]
let validation: Example[]
let runs = 0
const newFolder = (): string => join(folder, `run-${runs++}`)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-patchcore-'))
  train = await writeExamples(folder, 1, Array<undefined>(6).fill(undefined))
  validation = await writeExamples(folder, 101, [...Array<undefined>(normals).fill(undefined), ...spots])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const read = (model: string, name: string): Promise<Buffer> => readFile(join(model, name))

describe('patchcore', () => {
  it('finds spots and their places, as a model that can be opened', async () => {
    const logged: Record<string, number>[] = []
    const trained = await patchcore.train(
      createJob(newFolder(), {
        train,
        validation,
        params: tiny,
        logMetrics: async (values) => void logged.push({ ...values }),
      }),
    )
    expect(trained.metrics).toMatchObject({ auroc: 1, averagePrecision: 1, f1: 1, falseAlarms: 0 })
    expect(logged).toEqual([trained.metrics])
    const model = await openTaskModel({ folder: trained.folder, threads: 1, maxPixels: 1e6 })
    try {
      const pictures = await Promise.all(validation.map(({ file }) => model.prepare({ file })))
      const together = await model.predict(pictures)
      for (const [i, { isAnomalous }] of validation.entries()) {
        const { score, threshold, map } = together[i]!.anomaly!
        expect(score >= threshold).toBe(isAnomalous)
        // Pictures of a batch do not mix.
        const [alone] = await model.predict([pictures[i]!])
        expect(score).toBeCloseTo(alone!.anomaly!.score, 3)
        const spot = spots[i - normals]
        if (spot === undefined) continue
        const meanWhere = (isIn: (distance: number) => boolean): number => {
          const inside = map.data.filter((_, at) =>
            isIn(Math.hypot((at % map.widthPx) - spot.x, Math.floor(at / map.widthPx) - spot.y)),
          )
          return inside.reduce((sum, each) => sum + each, 0) / inside.length
        }
        expect(meanWhere((px) => px < 10)).toBeGreaterThan(1.3 * meanWhere((px) => px > 45))
      }
    } finally {
      await model.close()
    }
  })

  it('gives the same bytes by the same seed, and others by another', async () => {
    const trainOnce = async (seed: number): Promise<Buffer> => {
      const trained = await patchcore.train(createJob(newFolder(), { train, validation, params: tiny, seed }))
      return read(trained.folder, 'model.onnx')
    }
    const [one, again, other] = [await trainOnce(1), await trainOnce(1), await trainOnce(2)]
    expect(one.equals(again)).toBe(true)
    expect(one.equals(other)).toBe(false)
  })

  it.each<Record<string, string | number | boolean>>([
    { brightness: 'even', scaling: 'none', share: 0.02, blur: 0, mirror: true },
    { maps: 'stride16', neighbours: 1, projection: 0, smooth: 0, places: 'same' },
    { maps: 'stride8', scaling: 'none', neighbours: 5 },
  ])('finds spots told %o', async (params) => {
    const trained = await patchcore.train(createJob(newFolder(), { train, validation, params: { ...tiny, ...params } }))
    expect(trained.metrics['auroc']).toBeGreaterThan(0.9)
  })

  it('holds normal pictures out for the threshold where none are', async () => {
    const trained = await patchcore.train(createJob(newFolder(), { train, params: { ...tiny, quantile: 1 } }))
    expect(Object.keys(trained.metrics).toSorted()).toEqual(['falseAlarms', 'threshold'])
    expect((await read(trained.folder, 'card.toml')).toString()).toContain(
      `threshold = ${trained.metrics['threshold']!}`,
    )
  })

  it('refuses what it cannot learn from', async () => {
    const anomalous = train.map((each) => ({ ...each, isAnomalous: true }))
    const job = createJob(newFolder(), { train: anomalous, validation, params: tiny })
    await expect(patchcore.train(job)).rejects.toMatchObject({ code: 'TRAINING_DATA' })
    expect(patchcore.params.safeParse({ bnak: 3 }).success).toBe(false)
  })

  it('stops when told to, and goes on from what it remembered', async () => {
    const own = newFolder()
    const stopAt = (stage: string): { signal: AbortSignal; progress: Progress; stages: string[] } => {
      const controller = new AbortController()
      const stages: string[] = []
      const progress: Progress = {
        report: (event) => {
          stages.push(event.stage)
          if (event.stage === stage) controller.abort()
        },
      }
      return { signal: controller.signal, progress, stages }
    }
    for (const stage of ['look at patches', 'choose patches', 'judge'])
      await expect(
        patchcore.train(createJob(own, { train, validation, params: tiny, ...stopAt(stage) })),
      ).rejects.toMatchObject({ code: 'CANCELLED' })
    const last = stopAt('never')
    const resumed = await patchcore.train(createJob(own, { train, validation, params: tiny, ...last }))
    expect(new Set(last.stages)).toEqual(new Set(['judge']))
    const whole = await patchcore.train(createJob(newFolder(), { train, validation, params: tiny }))
    expect((await read(resumed.folder, 'model.onnx')).equals(await read(whole.folder, 'model.onnx'))).toBe(true)
  })
})

it('the coreset takes the farthest next, as said by the definition', async () => {
  const rng = createRng(5)
  const width = 10
  const rows = { width, data: Float32Array.from({ length: 80 * width }, () => rng.normal()) }
  const distance = (a: number, b: number): number => {
    let squares = 0
    for (let k = 0; k < width; k++) squares += (rows.data[a * width + k]! - rows.data[b * width + k]!) ** 2
    return squares
  }
  const options = { projection: 0, seed: 3, signal: new AbortController().signal, progress: silentProgress }
  const chosen = await chooseCoreset(rows, { ...options, count: 20 })
  expect(new Set(chosen).size).toBe(20)
  for (let i = 1; i < chosen.length; i++) {
    const nearest = (row: number): number => Math.min(...[...chosen.subarray(0, i)].map((each) => distance(row, each)))
    const farthest = Math.max(...Array.from({ length: 80 }, (_, row) => nearest(row)))
    expect(nearest(chosen[i]!)).toBeCloseTo(farthest, 4)
  }
  expect(await chooseCoreset(rows, { ...options, count: 500 })).toHaveLength(80)
})

it('whitened rows have the same spread in every direction', () => {
  const rng = createRng(6)
  const data = new Float32Array(3 * 4000)
  for (let row = 0; row < 4000; row++) {
    const [a, b, c] = [rng.normal(), rng.normal(), rng.normal()]
    data.set([3 + 2 * a, a + b - 1, 0.5 * b + c], row * 3)
  }
  const { signal } = new AbortController()
  const rows = { width: 3, data }
  const white = scaleRows(rows, whiten(rows, signal), signal)
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      let sum = 0
      for (let row = 0; row < 4000; row++) sum += white.data[row * 3 + i]! * white.data[row * 3 + j]!
      expect(Math.abs(sum / 4000 - (i === j ? 1 : 0))).toBeLessThan(0.05)
    }
})

it('distances have the same mean and spread at every place once evened', () => {
  const rng = createRng(7)
  const side = 6
  const isEdge = (at: number): boolean => at % side === 0 || at < side
  const draw = (): Float32Array =>
    Float32Array.from({ length: side ** 2 }, (_, at) => (isEdge(at) ? rng.normal(9, 2) : rng.normal(4, 0.5)))
  const { gain, shift } = evenPlaces(Array.from({ length: 400 }, draw), side)
  const measure = (maps: Float32Array[], at: number): { mean: number; spread: number } => {
    const mean = maps.reduce((sum, map) => sum + map[at]!, 0) / maps.length
    return { mean, spread: Math.sqrt(maps.reduce((sum, map) => sum + (map[at]! - mean) ** 2, 0) / maps.length) }
  }
  const others = Array.from({ length: 400 }, draw)
  const evened = others.map((map) => map.map((each, at) => gain[at]! * each + shift[at]!))
  // A corner of the edge alone, and a cell away from it.
  const [corner, inner] = [0, side * (side - 1) + side - 1]
  expect(measure(others, corner).mean - measure(others, inner).mean).toBeGreaterThan(4)
  expect(Math.abs(measure(evened, corner).mean - measure(evened, inner).mean)).toBeLessThan(1.2)
  expect(measure(evened, corner).spread / measure(evened, inner).spread).toBeLessThan(2)
  // One map of one value leaves distances as they are.
  const same = evenPlaces([new Float32Array(side ** 2).fill(3)], side)
  for (let at = 0; at < side ** 2; at++) expect(same.gain[at]! * 3 + same.shift[at]!).toBeCloseTo(3, 4)
})
