import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRng, FoveaError, silentProgress } from '#base'
import { defaultLimits } from '#media'
import { openTaskModel } from '#models'
import type { Example, TrainingJob } from '../../types.ts'
import { classParams, valueParams } from './params.ts'
import { trainPooledHead } from './train.ts'

let root: string
let examples: Example[]

/** Pictures with stripes of a hue, across or down, on noise. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-pooled-'))
  const rng = createRng('pictures')
  const side = 32
  examples = await Promise.all(
    Array.from({ length: 24 }, async (_, id) => {
      const isAcross = id % 2 === 0
      const width = 2 + (id % 6)
      const level = 100 + 6 * ((id * 7) % 24)
      const data = new Uint8Array(side * side * 3)
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const isLit = Math.floor((isAcross ? y : x) / width) % 2 === 0
          for (let c = 0; c < 3; c++) data[(y * side + x) * 3 + c] = (isLit ? level : 40) + rng.integer(-20, 20)
        }
      const file = join(root, `${id}.png`)
      await sharp(data, { raw: { width: side, height: side, channels: 3 } })
        .png()
        .toFile(file)
      return {
        id,
        file,
        widthPx: side,
        heightPx: side,
        labels: [],
        class: isAcross ? 'across' : 'down',
        value: level,
        classes: [isAcross ? 'across' : 'down', ...(width > 4 ? ['wide'] : [])],
      }
    }),
  )
})
afterAll(() => rm(root, { recursive: true, force: true }))

const small = { size: 64, features: 'last', views: 2, epochs: 30 } as const

async function makeJob(
  name: string,
  given: Partial<TrainingJob>,
): Promise<TrainingJob & { curve: [number, object][] }> {
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  const curve: [number, object][] = []
  return {
    task: 'classification',
    train: examples.slice(0, 16),
    validation: examples.slice(16),
    classes: ['across', 'down'],
    target: null,
    params: classParams.parse(small),
    seed: 1,
    folder,
    cache: root,
    threads: 1,
    maxPixels: defaultLimits.maxPixels,
    signal: new AbortController().signal,
    progress: silentProgress,
    logMetrics: async (values, step) => void curve.push([step, values]),
    log: () => {},
    curve,
    ...given,
  }
}

test('learns classes, and the exported network says what the trainer measured', async () => {
  const job = await makeJob('classes', {})
  const { folder, metrics } = await trainPooledHead(job)
  expect(metrics['accuracy']).toBeGreaterThanOrEqual(0.875)
  expect(job.curve.map(([step]) => step)).toEqual(job.curve.map((_, i) => i + 1))
  expect(Object.keys(job.curve[0]![1])).toEqual(['trainLoss', 'loss', 'accuracy', 'macroF1'])
  const model = await openTaskModel({ folder, threads: 1, maxPixels: defaultLimits.maxPixels })
  try {
    const prepared = await Promise.all(job.validation.map(({ file }) => model.prepare({ file })))
    const said = await model.predict(prepared)
    const right = said.filter(({ classes }, i) => classes![0]!.class === job.validation[i]!.class).length
    expect(right / job.validation.length).toBe(metrics['accuracy'])
  } finally {
    await model.close()
  }
})

test('learns several classes of a picture', async () => {
  const job = await makeJob('labels', { task: 'multilabel', classes: ['across', 'down', 'wide'] })
  const { folder, metrics } = await trainPooledHead(job)
  expect(metrics['microF1']).toBeGreaterThan(0.8)
  expect(await readFile(join(folder, 'card.toml'), 'utf8')).toContain('activation = "sigmoid"')
})

test('learns a number, in its own unit', async () => {
  const params = valueParams.parse({ ...small, hidden: 16, epochs: 200, patience: 200, learningRate: 0.01 })
  const job = await makeJob('values', { task: 'regression', classes: [], target: 'level', params })
  const { folder, metrics } = await trainPooledHead(job)
  // Guessing the mean of 100 … 238 misses by 36.
  expect(metrics['mae']).toBeLessThan(25)
  const model = await openTaskModel({ folder, threads: 1, maxPixels: defaultLimits.maxPixels })
  try {
    const said = await model.predict(await Promise.all(job.validation.map(({ file }) => model.prepare({ file }))))
    const misses = said.map(({ values }, i) => Math.abs(values!['level']! - job.validation[i]!.value!))
    expect(misses.reduce((sum, miss) => sum + miss, 0) / misses.length).toBeCloseTo(metrics['mae']!, 2)
  } finally {
    await model.close()
  }
})

test.each([0, 8])('taken up after a cancel, it ends where it would have (hidden %i)', async (hidden) => {
  const params = classParams.parse({ ...small, hidden, epochs: 8 })
  const whole = await makeJob(`whole${hidden}`, { params })
  await trainPooledHead(whole)

  const abort = new AbortController()
  const first = await makeJob(`parts${hidden}`, { params, signal: abort.signal })
  const stopped = trainPooledHead({
    ...first,
    async logMetrics(values, step) {
      await first.logMetrics(values, step)
      if (step === 4) abort.abort()
    },
  })
  await expect(stopped).rejects.toThrow(FoveaError)
  const second = await makeJob(`parts${hidden}`, { params })
  await trainPooledHead(second)
  expect(second.curve[0]![0]).toBe(5)
  expect([...first.curve.slice(0, 4), ...second.curve]).toEqual(whole.curve)
  const read = (name: string): Promise<Buffer> => readFile(join(root, name, 'model', 'model.onnx'))
  expect((await read(`parts${hidden}`)).equals(await read(`whole${hidden}`))).toBe(true)
})
