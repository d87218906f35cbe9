import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeColourNetwork, encodeEchoNetwork, writeTaskModel } from '../src/models/tasks/testing.ts'
import { openRooms, type Rooms } from './support/rooms.ts'

let root: string
let rooms: Rooms
const call: Rooms['call'] = (id, input) => rooms.call(id, input)

/** Registers a model described as for {@link writeTaskModel}; the next version when the name is there. */
async function register(name: string, model: Parameters<typeof writeTaskModel>[1]): Promise<void> {
  const folder = await mkdtemp(join(root, 'model-'))
  await writeTaskModel(folder, model)
  await rooms.registry.register(folder, { model: name, actor: 'test', metrics: {}, run: null, data: null })
}

const colours = {
  task: 'classification',
  output: 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"',
  network: encodeColourNetwork(),
  classes: ['red', 'green', 'blue'],
}
const shades = ['#f00', '#0f0', '#00f'] as const
const names = ['red', 'green', 'blue'] as const

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-predict-'))
  for (const [i, shade] of [...shades, ...shades, ...shades].entries()) {
    const folder = join(root, 'pictures', names[i % 3]!)
    await mkdir(folder, { recursive: true })
    await sharp({ create: { width: 20 + i, height: 16, channels: 3, background: shade } })
      .png()
      .toFile(join(folder, `${i}.png`))
  }
  rooms = await openRooms(root)
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'colours' })
  await register('painter', colours)
})
afterAll(async () => {
  await rooms.close()
  await rm(root, { recursive: true, force: true })
})

const count = async (query: string): Promise<number> => (await call<{ count: number }>('query.count', { query })).count

describe('models.predict', () => {
  test('writes classes into a layer of the name of the model, once', async () => {
    const done = await call('models.predict', { model: 'painter' })
    expect(done).toMatchObject({
      model: 'painter:1',
      layer: 'painter',
      samples: 9,
      predicted: 9,
      unchanged: 0,
      labels: 9,
    })
    expect(await count('layer("painter").labels[class = "green" and score > 0.4].count = 1')).toBe(3)
    expect(await call('models.predict', { model: 'painter' })).toMatchObject({
      predicted: 0,
      unchanged: 9,
      change: null,
    })
  })

  test('is one change that can be undone', async () => {
    const done = await call<{ change: string }>('models.predict', {
      model: 'painter',
      layer: 'again',
      query: 'path ~ "red/*"',
    })
    expect(await count('layer("again").labels.count = 1')).toBe(3)
    await call('history.undo', { change: done.change })
    expect(await call('models.predict', { model: 'painter', layer: 'again' })).toMatchObject({
      predicted: 9,
      unchanged: 0,
    })
  })

  test('keeps to the sure ones with a threshold', async () => {
    const done = await call('models.predict', { model: 'painter', layer: 'sure', minScore: 0.99 })
    expect(done).toMatchObject({ predicted: 9, labels: 0 })
  })

  test('writes over labels from elsewhere only when told to', async () => {
    await expect(call('models.predict', { model: 'painter', layer: 'truth' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
    await register('painter', { ...colours, output: `${colours.output}\n# second` })
    await expect(call('models.predict', { model: 'painter' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('holds other labels of 9 of these samples') as string,
    })
    expect(await call('models.predict', { model: 'painter', replace: true })).toMatchObject({
      model: 'painter:2',
      predicted: 9,
    })
  })

  test('asks before it adds classes', async () => {
    await register('parts', {
      task: 'segmentation',
      output: 'scores = "maps"\nclasses = "classes.json"',
      network: encodeEchoNetwork(),
      classes: ['leaf', 'sky'],
    })
    await expect(call('models.predict', { model: 'parts' })).rejects.toMatchObject({
      code: 'CLASS_NOT_FOUND',
      message: expect.stringContaining('leaf, sky') as string,
    })
    const done = await call('models.predict', { model: 'parts', addClasses: true })
    expect(done).toMatchObject({ labels: 6, addedClasses: ['leaf', 'sky'] })
    expect(await count('layer("parts").labels[class = "sky" and area > 0.99].count = 1')).toBe(3)
  })

  test('writes numbers into fields of the layer', async () => {
    await register('meter', {
      task: 'regression',
      output: 'values = "colour"\nnames = ["r", "g", "b"]',
      network: encodeColourNetwork(),
    })
    expect(await call('models.predict', { model: 'meter' })).toMatchObject({
      fields: ['meter_r', 'meter_g', 'meter_b'],
    })
    expect(await count('meter_g > 0.9')).toBe(3)
    expect(await call('models.predict', { model: 'meter' })).toMatchObject({ unchanged: 9 })
  })

  test('counts pictures that cannot be read and goes on', async () => {
    await writeFile(join(root, 'pictures', 'red', '0.png'), 'no picture any more')
    await truncate(join(root, 'pictures', 'green', '1.png'), 60)
    await rm(join(root, 'pictures', 'blue', '2.png'))
    const done = await call<{ problems: { what: string; fix: string }[] }>('models.predict', {
      model: 'painter',
      layer: 'rest',
    })
    expect(done).toMatchObject({ predicted: 6, unreadable: 3 })
    expect(done.problems.map(({ what, fix }) => what.length > 0 && fix.length > 0)).toEqual([true, true, true])
  })

  test('names what there is for a model that is not there', async () => {
    await expect(call('models.predict', { model: 'nobody' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    await expect(call('models.predict', { model: 'painter:9' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })
})
