import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import { createRng } from '#base'

let root: string
let app: App
const call = <T>(id: string, input: object, options: object = {}): Promise<T> =>
  app.call(id, input, options) as Promise<T>

const base = {
  dataset: 'stripes',
  task: 'classification',
  group: 'none',
  validation: 0.25,
  params: { size: 32, features: 'last', views: 1, epochs: 6 },
}
interface Trained {
  run: string
  model: string
  metrics: Record<string, number>
  samples: number
  validation: number
  resumed: boolean
  notes: string[]
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-training-'))
  const rng = createRng('stripes')
  for (const [index, name] of ['across', 'down'].entries()) {
    await mkdir(join(root, 'pictures', name), { recursive: true })
    for (let i = 0; i < 12; i++) {
      const data = Uint8Array.from({ length: 32 * 32 }, (_, at) => {
        const place = index === 0 ? Math.floor(at / 32) : at % 32
        return (Math.floor(place / 4) % 2 === 0 ? 200 : 40) + rng.integer(-30, 30)
      })
      await sharp(data, { raw: { width: 32, height: 32, channels: 1 } })
        .png()
        .toFile(join(root, 'pictures', name, `${i}.png`))
    }
  }
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'stripes' })
}, 120_000)
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

test('a slice becomes a registered model that is judged on what was held out', async () => {
  const done = await call<Trained>('training.train', base)
  expect(done).toMatchObject({ model: 'stripes-classification:1', samples: 18, validation: 6, resumed: false })
  expect(done.notes).toEqual([])
  expect(done.metrics['accuracy']).toBeGreaterThan(0.5)
  const { run } = await call<{ run: Record<string, unknown> }>('run.show', { run: done.run })
  expect(run).toMatchObject({ kind: 'train', state: 'done', model: done.model, params: { epochs: 6, hidden: 0 } })
  const held = { dataset: 'stripes', query: 'stripes_classification_part = "validation"' }
  expect(await call('query.count', held)).toMatchObject({ count: 6 })
  const { version } = await call<{ version: Record<string, unknown> }>('registry.show', { model: done.model })
  expect(version).toMatchObject({ aliases: ['candidate'], run: done.run, data: { samples: 18, validation: 6 } })
  expect(await readdir(join(root, 'w', '.fovea', 'training')).catch(() => [])).toEqual([])
}, 120_000)

test('a cancelled training registers nothing, and the same call takes it up', async () => {
  const input = { ...base, model: 'stopped', params: { ...base.params, epochs: 400, patience: 400 } }
  const abort = new AbortController()
  const progress = {
    report: ({ stage, done }: { stage: string; done: number }) => {
      if (stage === 'train' && done >= 3) abort.abort()
    },
  }
  await expect(call('training.train', input, { signal: abort.signal, progress })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  await expect(call('registry.show', { model: 'stopped' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  const { runs } = await call<{ runs: { id: string; state: string }[] }>('run.list', { name: 'stopped' })
  expect(runs).toMatchObject([{ state: 'cancelled' }])
  const done = await call<Trained>('training.train', input)
  expect(done).toMatchObject({ run: runs[0]!.id, model: 'stopped:1', resumed: true })
}, 120_000)

test('a sweep compares runs and registers the best alone', async () => {
  const { params, ...rest } = base
  const input = { ...rest, model: 'swept', params: { ...params, epochs: 2 }, space: { learningRate: [1e-6, 1e-3] } }
  const done = await call<{ trials: { value: number }[]; model: string; run: string }>('training.sweep', input)
  expect(done.model).toBe('swept:1')
  expect(done.trials).toHaveLength(2)
  expect(done.trials[0]!.value).toBeGreaterThanOrEqual(done.trials[1]!.value)
  const { runs } = await call<{ runs: unknown[] }>('run.list', { parent: done.run })
  expect(runs).toHaveLength(2)
}, 120_000)

test('named samples that show what is learnt from are told, unless nobody asks', async () => {
  for (const name of ['across', 'down']) {
    await mkdir(join(root, 'twins', name), { recursive: true })
    for (const file of ['0.png', '1.png', '2.png', '3.png'])
      await copyFile(join(root, 'pictures', name, file), join(root, 'twins', name, file))
    await copyFile(join(root, 'pictures', name, '0.png'), join(root, 'twins', name, 'held-0.png'))
    await copyFile(join(root, 'pictures', name, '9.png'), join(root, 'twins', name, 'held-9.png'))
  }
  await call('dataset.import', { path: join(root, 'twins'), dataset: 'twins' })
  const params = { ...base.params, epochs: 1 }
  const input = { ...base, dataset: 'twins', model: 'leaky', validation: 'path ~ "held-*"', params }
  const told = async (more: object): Promise<string[]> =>
    (await call<Trained>('training.train', { ...input, ...more })).notes.filter((note) => note.includes('learnt from'))
  expect(await told({ group: 'duplicates' })).toEqual([
    expect.stringMatching(/^2 of the 4 samples held out show a scene that is learnt from too, such as s_\d+ \(s_\d+\)/),
  ])
  expect(await told({ group: 'none' })).toEqual([])
}, 120_000)

test('a place that cannot be written to fails the run with its reason, registers nothing, and can be taken up', async () => {
  const input = { ...base, model: 'blocked', params: { ...base.params, epochs: 1 } }
  const state = async (): Promise<{ id: string; state: string; error: { code: string } | null }[]> =>
    (
      await call<{ runs: { id: string; state: string; error: { code: string } | null }[] }>('run.list', {
        name: 'blocked',
      })
    ).runs
  const place = join(root, 'w', '.fovea', 'registry', 'blocked')
  await mkdir(join(place, '..'), { recursive: true })
  await writeFile(place, 'no folder')
  await expect(call('training.train', input)).rejects.toMatchObject({
    code: 'STORAGE_DENIED',
    message: expect.stringContaining(place) as string,
  })
  expect(await state()).toMatchObject([{ state: 'failed', error: { code: 'STORAGE_DENIED' } }])
  await rm(place)
  await expect(call('registry.show', { model: 'blocked' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  const [failed] = await state()
  const done = await call<Trained>('training.train', input)
  expect(done).toMatchObject({ run: failed!.id, model: 'blocked:1', resumed: true })
}, 120_000)

interface Swept {
  run: string
  model: string
  resumed: number
  trials: { run: string; params: Record<string, number>; epochs: number | null; value: number }[]
}
const sweepInput = (model: string, more: object) => ({
  ...base,
  model,
  params: { ...base.params, epochs: 3, patience: 0 },
  space: { learningRate: { low: 1e-5, high: 1e-2, log: true } },
  ...more,
})

test('a sweep by successive halving gives the best third all epochs', async () => {
  const input = sweepInput('halved', { strategy: 'halving', trials: 3 })
  const done = await call<Swept>('training.sweep', input)
  expect(done.trials.map(({ epochs }) => epochs)).toEqual([3, 1, 1])
  const { run } = await call<{ run: { params: object; curves?: unknown } }>('run.show', { run: done.trials[0]!.run })
  expect(run.params).toMatchObject({ ...done.trials[0]!.params, epochs: 3 })
  const { version } = await call<{ version: object }>('registry.show', { model: done.model })
  expect(version).toMatchObject({ model: 'halved', version: 1, run: done.run })
  // Twice round: three trials of one epoch, the best of them again.
  expect((await call<{ runs: unknown[] }>('run.list', { parent: done.run })).runs).toHaveLength(4)
  const another = { ...input, space: { epochs: [1, 2] } }
  await expect(call('training.sweep', another)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
}, 120_000)

test('a cancelled random sweep registers nothing, and the same call goes on without repeating what is done', async () => {
  const input = sweepInput('drawn', { strategy: 'random', trials: 3, seed: 4 })
  const abort = new AbortController()
  const progress = {
    report: ({ stage, done }: { stage: string; done: number }) => {
      if (stage === 'trials' && done === 2) abort.abort()
    },
  }
  await expect(call('training.sweep', input, { signal: abort.signal, progress })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  await expect(call('registry.show', { model: 'drawn' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  const done = await call<Swept>('training.sweep', input)
  expect(done).toMatchObject({ model: 'drawn:1', resumed: 2 })
  const rates = done.trials.map(({ params }) => params['learningRate'])
  expect(new Set(rates).size).toBe(3)
  const [first, ...others] = done.trials.map(({ value }) => value)
  expect(first).toBe(Math.max(first!, ...others))
  expect(await readdir(join(root, 'w', '.fovea', 'training')).catch(() => [])).toEqual([])
}, 120_000)

test.each([
  ['one class only', { query: 'class:across' }, 'TRAINING_DATA', /two classes/],
  ['no sample', { query: 'width > 4000' }, 'TRAINING_DATA', /No sample matches/],
  ['no masks', { task: 'segmentation', params: {} }, 'TRAINING_DATA', /mask or polygon/],
  ['no field', { task: 'regression' }, 'INPUT_INVALID', /field/],
  ['a field that is not there', { task: 'regression', field: 'age' }, 'FIELD_NOT_FOUND', /age/],
  ['a field of text', { task: 'regression', field: 'path' }, 'FIELD_TYPE', /path/],
  ['a misspelt parameter', { params: { epoch: 3 } }, 'INPUT_INVALID', /epoch/],
  ['a parameter out of range', { params: { size: 33 } }, 'INPUT_INVALID', /size/],
  ['a trainer of other tasks', { trainer: 'patchcore' }, 'INPUT_INVALID', /does not train/],
  ['a share of all', { validation: '1.5' }, 'INPUT_INVALID', /share/],
  ['a layer that is not there', { layer: 'nobody' }, 'LAYER_NOT_FOUND', /nobody/],
  ['a class that is not there', { task: 'anomaly', normal: 'good', params: {} }, 'CLASS_NOT_FOUND', /good/],
  ['a name of the shelf', { model: 'efficientnet-lite0' }, 'MODEL_EXISTS', /efficientnet/],
  ['a run that is not there', { resume: 'run_nothing' }, 'RUN_NOT_FOUND', /run_nothing/],
])('%s is refused and leaves no run', async (_, wrong, code, message) => {
  const count = async (): Promise<number> => (await call<{ total: number }>('run.list', {})).total
  const before = await count()
  await expect(call('training.train', { ...base, ...wrong })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  })
  expect(await count()).toBe(before)
})

test('a version gives the same model again, whatever became of the data', async () => {
  interface Registered {
    version: { files: { name: string; sha256: string }[]; data: { dataset: string; samples: number } }
  }
  const weights = ({ version }: Registered): unknown => version.files.find(({ name }) => name.endsWith('.onnx'))!.sha256
  const first = await call<Trained>('training.train', { ...base, model: 'then' })
  await call('versions.commit', { dataset: 'stripes', message: 'What the model has learnt from' })
  const { change } = await call<{ change: string }>('sample.delete', { dataset: 'stripes', query: 'path ~ "*/1*.png"' })
  const again = await call<Trained>('training.train', { ...base, dataset: 'stripes@latest', model: 'again' })
  expect(await call('query.count', { dataset: 'stripes', query: '' })).toEqual({ count: 18 })
  await call('history.undo', { change })
  const [one, same] = await Promise.all([first, again].map(({ model }) => call<Registered>('registry.show', { model })))
  expect(same!.version.data).toMatchObject({ dataset: 'stripes@v1', samples: 18 })
  expect(weights(same!)).toBe(weights(one!))
}, 120_000)

test('trainers tell their parameters', async () => {
  const { trainers } = await call<{ trainers: { name: string; parameters: { name: string }[] }[] }>(
    'training.trainers',
    {},
  )
  expect(trainers.map(({ name }) => name)).toEqual(['head', 'patchcore', 'torch', 'command'])
  expect(trainers[0]!.parameters.map(({ name }) => name)).toContain('epochs')
})
