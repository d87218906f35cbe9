import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import type { FoveaError } from '#base'
import { writeColour, writeTinyModel, writeTinyTaskModel } from '../src/models/testing.ts'

let root: string
let app: App
const call = <T>(id: string, input: object = {}): Promise<T> => app.call(id, input) as Promise<T>
const failure = (id: string, input: object = {}): Promise<FoveaError> =>
  app.call(id, input).then(
    () => {
      throw new Error(`${id} was expected to fail`)
    },
    (error: FoveaError) => error,
  )
const count = async (query: string): Promise<number> => (await call<{ count: number }>('query.count', { query })).count

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-network-tags-'))
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({
    workspace,
    config: await loadConfig({ workspace, env: {}, flags: { 'models.threads': '1' } }),
  })
  await mkdir(join(root, 'pictures'))
  const size = { width: 40, height: 20 }
  for (const [name, colour] of [
    ['a', [255, 0, 0]],
    ['b', [250, 0, 0]],
    ['c', [0, 255, 0]],
    ['d', [130, 128, 0]],
  ] as const)
    await writeColour(join(root, 'pictures', `${name}.png`), colour, size)
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'plain' })
  const { weights, card } = await writeTinyModel(root)
  await call('models.add', { path: weights, card })
  await call('spaces.embed', { model: 'tiny' })
}, 240_000)
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

describe('auto-tags', () => {
  test('are found by bare words and by tag:, apart from tags of people', async () => {
    await call('sample.tag', { query: 'path = "c.png"', tags: ['red'] })
    const made = await call<{ change: string }>('curation.autotag', { min: 0.3, top: 2 })
    expect(made).toMatchObject({
      space: 'tiny',
      samples: 4,
      tagged: 4,
      added: 5,
      removed: 0,
      tags: [
        { tag: 'auto/green', samples: 2 },
        { tag: 'auto/red', samples: 3 },
      ].toSorted((a, b) => b.samples - a.samples),
    })
    expect(await count('green')).toBe(2)
    expect(await count('tag:auto/red')).toBe(3)
    expect(await count('auto/')).toBe(4)
    expect(await count('tag:red')).toBe(1)
    expect(await count('autotag_score > 0.99')).toBe(3)
    await call('history.undo', { change: made.change })
    expect(await count('auto/')).toBe(0)
    expect(await count('tag:red')).toBe(1)
    await call('history.redo')
    expect(await count('auto/')).toBe(4)
  })

  test('are brought up to date when run again, and only for what is asked', async () => {
    expect(await call('curation.autotag', { min: 0.3, top: 2 })).toMatchObject({ added: 0, removed: 0, change: null })
    expect(await call('curation.autotag', { min: 0.9, query: 'path = "d.png"' })).toMatchObject({
      samples: 1,
      tagged: 0,
      added: 0,
      removed: 2,
      tags: [],
    })
    expect(await count('autotag_score exists')).toBe(3)
    expect(await call('curation.autotag', { top: 1 })).toMatchObject({ tagged: 4, added: 1, removed: 0 })
  })

  test('are taken off in one go, and leave tags of people', async () => {
    expect(await call('curation.autotag', { remove: true })).toMatchObject({ space: null, added: 0, removed: 4 })
    expect(await count('auto/')).toBe(0)
    expect(await count('autotag_score exists')).toBe(0)
    expect(await count('tag:red')).toBe(1)
    expect(await call('curation.autotag', { remove: true })).toMatchObject({ removed: 0, change: null })
  })

  test('need a space whose model tells classes, and which is up to date', async () => {
    await call('spaces.embed', { model: 'pixels' })
    expect(await failure('curation.autotag', { space: 'pixels' })).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/tells no classes/) as string,
    })
    expect(await failure('curation.autotag', { space: 'nowhere' })).toMatchObject({ code: 'SPACE_NOT_FOUND' })
    await call('dataset.create', { name: 'bare' })
    await call('spaces.embed', { dataset: 'bare', model: 'tiny' })
    expect(await call('curation.autotag', { dataset: 'bare' })).toMatchObject({ samples: 0, tags: [], change: null })
    await call('dataset.delete', { dataset: 'bare' })
  })
})

describe('a detector of the hub', () => {
  beforeAll(async () => {
    const folder = join(root, 'finder')
    await writeTinyTaskModel(folder, {
      modelType: 'yolos',
      boxes: [
        [0.5, 0.5, 0.5, 0.5],
        [0.25, 0.5, 0.5, 1],
      ],
    })
    await call('models.add', { path: folder })
  }, 240_000)

  test('is no model for spaces, and others are no detectors', async () => {
    expect((await call<{ model: object }>('models.show', { model: 'finder' })).model).toMatchObject({
      task: 'detection',
      dimensions: 0,
      classes: 3,
    })
    expect(await failure('spaces.embed', { model: 'finder' })).toMatchObject({
      code: 'MODEL_MISMATCH',
      hint: expect.stringMatching(/fovea models detect finder/) as string,
    })
    expect(await failure('models.detect', { model: 'tiny' })).toMatchObject({ code: 'MODEL_MISMATCH' })
    expect(await failure('models.detect', { model: 'finder', layer: 'truth' })).toMatchObject({ code: 'INPUT_INVALID' })
  })

  test('writes its boxes into a layer, in px of each picture, undoable', async () => {
    const found = await call<{ change: string }>('models.detect', { model: 'finder', minScore: 0.8 })
    expect(found).toMatchObject({
      layer: 'finder',
      samples: 4,
      boxes: 6,
      failed: 0,
      classes: [
        { class: 'red', boxes: 4 },
        { class: 'green', boxes: 2 },
      ],
    })
    const readLayers = async (): Promise<{ labels: object[] }[]> =>
      (
        await call<{ samples: { layers: { labels: object[] }[] }[] }>('sample.labels', {
          samples: ['s_1'],
          layer: 'finder',
        })
      ).samples[0]!.layers
    expect((await readLayers())[0]!.labels).toMatchObject([
      { kind: 'box', class: 'red', box: { x: 10, y: 5, w: 20, h: 10 }, author: 'finder' },
      { kind: 'box', class: 'red', box: { x: 0, y: 0, w: 20, h: 20 } },
    ])
    // Again in place of what was there, for those that are asked for.
    expect(await call('models.detect', { model: 'finder', query: 'path = "d.png"', minScore: 0 })).toMatchObject({
      samples: 1,
      boxes: 2,
    })
    expect(await count('layer("finder").labels.count = 2')).toBe(4)
    await call('history.undo')
    await call('history.undo', { change: found.change })
    expect((await readLayers()).flatMap(({ labels }) => labels)).toEqual([])
  })

  test('tells files that it cannot read, and changes nothing when it is cancelled midway', async () => {
    const { rows } = await call<{ rows: { path: string }[] }>('query.run', { query: 'path = "a.png"' })
    expect(rows).toHaveLength(1)
    const file = join(root, 'pictures', 'a.png')
    await writeFile(file, 'no picture any more')
    const before = (await call<{ changes: object[] }>('history.list')).changes.length
    const stop = new AbortController()
    const running = app.call(
      'models.detect',
      { model: 'finder' },
      { signal: stop.signal, progress: { report: ({ done }) => done > 0 && stop.abort() } },
    )
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect((await call<{ changes: object[] }>('history.list')).changes).toHaveLength(before)
    expect(await call('models.detect', { model: 'finder' })).toMatchObject({
      samples: 3,
      failed: 1,
      failures: [{ id: 's_1', what: expect.stringMatching(/a\.png/) as string }],
    })
  })
})
