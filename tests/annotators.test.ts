import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import type { FoveaError } from '#base'

let root: string
let app: App
const names = Array.from({ length: 8 }, (_, i) => `p${i}.png`)

type Entry = Record<string, unknown> & { kind: string; class: string }

const call = <T>(id: string, input: object = {}): Promise<T> => app.call(id, input) as Promise<T>
const count = async (query: string): Promise<number> => (await call<{ count: number }>('query.count', { query })).count
const failure = (id: string, input: object): Promise<FoveaError> =>
  app.call(id, input).then(
    () => {
      throw new Error(`${id} was expected to fail`)
    },
    (error: FoveaError) => error,
  )

/** Imports a layer of labels, by picture. */
async function importLayer(layer: string, labelsOf: (picture: number) => Entry[]): Promise<void> {
  const lines = names.map((path, i) =>
    JSON.stringify({ path, split: null, width: 200, height: 100, tags: [], fields: {}, labels: labelsOf(i) }),
  )
  await writeFile(join(root, 'set', 'samples.jsonl'), lines.join('\n'))
  await call('dataset.import', { path: join(root, 'set'), dataset: 'set', layer, format: 'jsonl' })
}

const box = (x: number, name = 'car', rest: object = {}): Entry => ({
  kind: 'box',
  class: name,
  box: { x, y: 10, w: 40, h: 30 },
  ...rest,
})

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-annotators-'))
  await mkdir(join(root, 'set'))
  for (const [i, name] of names.entries())
    await sharp({ create: { width: 200, height: 100, channels: 3, background: { r: 20 * i, g: 90, b: 90 } } })
      .png()
      .toFile(join(root, 'set', name))
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
  // Picture 1 lacks a car, in 2 it stands beside its place, in 3 it is called a bus.
  await importLayer('truth', (i) => (i === 1 ? [] : [box(i === 2 ? 30 : 10, i === 3 ? 'bus' : 'car')]))
  await importLayer('model', () => [box(10, 'car', { score: 0.99 })])
})
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

describe('boxes', () => {
  interface Found {
    worst: { path: string; what: string; quality: number }[]
  }

  test('that are overlooked, misplaced and swapped are told, written, and taken back', async () => {
    const found = await call<Found>('quality.box-errors', { predictions: 'model', limit: 4 })
    expect(found).toMatchObject({ samples: 8, boxes: 7, predicted: 8, overlooked: 1, misplaced: 1, swapped: 1 })
    const told = Object.fromEntries(found.worst.map(({ path, what }) => [path, what]))
    expect(told).toMatchObject({ 'p1.png': '1 overlooked', 'p2.png': '1 misplaced', 'p3.png': '1 swapped' })
    expect(found.worst[3]).toMatchObject({ quality: 1, what: 'nothing below the threshold' })
    expect(await count('tag:box_error')).toBe(3)
    expect(await count('box_quality < 0.9')).toBe(3)
    await call('history.undo')
    expect(await count('tag:box_error')).toBe(0)
  })

  test('need the scores of a model', async () => {
    expect(await failure('quality.box-errors', { predictions: 'truth' })).toMatchObject({
      code: 'PROBABILITIES_INVALID',
    })
    expect(await failure('quality.box-errors', { predictions: 'none' })).toMatchObject({ code: 'LAYER_NOT_FOUND' })
  })

  test('of several layers are matched by overlap', async () => {
    const found = await call<{ pairs: object[]; worst: object[] }>('quality.agreement', {
      layers: ['truth', 'model'],
      of: 'boxes',
    })
    expect(found).toMatchObject({ of: 'boxes', samples: 8, method: 'majority of votes' })
    // Seven pictures that both were at: five agree, one has another class, one two boxes that do not meet.
    expect(found.pairs).toMatchObject([{ a: 'model', b: 'truth', both: 8, agreement: 0.625, iou: 1 }])
  })
})

describe('annotators who drew nothing', () => {
  interface Found {
    samples: number
    compared: number
    annotators: { name: string; votes: number; seen: number }[]
    pairs: { both: number; agreement: number; kappa: number | null }[]
    worst: { path: string; votes: object[] }[]
  }
  const agreement = (input: object): Promise<Found> => call('quality.agreement', { of: 'boxes', ...input })

  test('count where a label or a tag says that they looked, or where that is assumed', async () => {
    // Bo leaves out the boxes of pictures 1 to 3; on picture 2 a class of hers tells that she looked. Picture 7 has no box at all.
    await importLayer('drawn', (i) => [
      ...(i < 7 ? [box(10, 'car', { author: 'ann' })] : []),
      ...(i < 7 && (i < 1 || i > 3) ? [box(10, 'car', { author: 'bo' })] : []),
      ...(i === 2 ? [{ kind: 'class', class: 'street', author: 'bo' }] : []),
    ])
    const layers = ['drawn']
    const known = await agreement({ layers })
    expect(known).toMatchObject({ samples: 7, compared: 5, pairs: [{ both: 5, agreement: 0.8 }] })
    expect(known.annotators).toMatchObject([
      { name: 'ann', votes: 7, seen: 7 },
      { name: 'bo', votes: 5, seen: 5 },
    ])
    const nobox = [
      { annotator: 'ann', class: 'car' },
      { annotator: 'bo', class: '(no box)' },
    ]
    expect(known.worst[0]).toMatchObject({ path: 'p2.png', votes: nobox })

    await call('sample.tag', { query: 'path = "p3.png"', tags: ['seen:bo'] })
    const tagged = await agreement({ layers })
    expect(tagged).toMatchObject({ compared: 6, pairs: [{ both: 6, agreement: 4 / 6 }] })
    expect(tagged.worst.slice(0, 2)).toMatchObject([
      { path: 'p2.png', votes: nobox },
      { path: 'p3.png', votes: nobox },
    ])

    const assumed = await agreement({ layers, assumeSeen: true })
    expect(assumed).toMatchObject({ samples: 7, compared: 7, pairs: [{ both: 7, agreement: 4 / 7 }] })
    expect(assumed.annotators).toMatchObject([{ seen: 8 }, { seen: 8 }])
    await call('history.undo')
  })

  test('are those of a layer too, and are no one who never draws in one layer', async () => {
    // Zed gives classes alone, and is no annotator of boxes.
    await importLayer('mixed', (i) => [
      box(10, 'car', { author: 'ann' }),
      box(10, 'car', { author: 'bo' }),
      ...(i < 4 ? [{ kind: 'class', class: 'street', author: 'zed' }] : []),
    ])
    for (const assumeSeen of [false, true])
      expect((await agreement({ layers: ['mixed'], assumeSeen })).annotators.map(({ name }) => name)).toEqual([
        'ann',
        'bo',
      ])

    await importLayer('classes-only', (i) => (i < 4 ? [{ kind: 'class', class: 'street' }] : []))
    const layers = ['model', 'classes-only']
    expect(await agreement({ layers })).toMatchObject({
      compared: 4,
      annotators: [
        { name: 'classes-only', votes: 4, seen: 4 },
        { name: 'model', votes: 8, seen: 8 },
      ],
      pairs: [{ both: 4, agreement: 0 }],
    })
    expect(await agreement({ layers, assumeSeen: true })).toMatchObject({ compared: 8, pairs: [{ both: 8 }] })
    expect(await agreement({ layers: ['truth', 'model'], assumeSeen: true })).toMatchObject({
      pairs: [{ a: 'model', b: 'truth', both: 9 }],
    })
  })

  test('of classes have no vote, whatever is assumed', async () => {
    const { code, hint } = await failure('quality.agreement', { layers: ['mixed'], assumeSeen: true })
    expect(code).toBe('INPUT_INVALID')
    expect(hint).toContain('--of boxes')
  })
})

describe('masks', () => {
  const patch = (x: number, rest: object = {}): Entry => ({
    kind: 'polygon',
    class: 'dirt',
    geometry: { type: 'polygon', parts: [[[x, 10, x + 50, 10, x + 50, 60, x, 60]]] },
    ...rest,
  })

  test('are scored against those of a model', async () => {
    await importLayer('surfaces', (i) => (i < 4 ? [patch(i === 2 ? 110 : 10)] : []))
    await importLayer('segmented', (i) => (i < 3 ? [patch(10, { score: 0.95 })] : []))
    const found = await call<{ worst: { path: string; quality: number; doubted: number }[] }>('quality.mask-errors', {
      layer: 'surfaces',
      predictions: 'segmented',
    })
    expect(found).toMatchObject({
      samples: 3,
      count: 1,
      skipped: [
        { reason: 'no mask', count: 4 },
        { reason: 'no prediction', count: 1 },
      ],
    })
    expect(found.worst[0]).toMatchObject({ path: 'p2.png', doubted: 0.25 })
    expect(found.worst[1]!.quality).toBeGreaterThan(0.9)
    expect(await count('tag:mask_error and mask_quality < 0.5')).toBe(1)
    const { code, hint } = await failure('quality.mask-errors', { layer: 'surfaces', predictions: 'surfaces' })
    expect(code).toBe('PROBABILITIES_INVALID')
    expect(hint).toContain('Import the masks of a model')
  })
})

describe('annotators', () => {
  interface Found {
    annotators: { name: string; votes: number; agreement: number; quality: number | null }[]
    pairs: { a: string; b: string; agreement: number; kappa: number }[]
    kappa: number | null
    alpha: number
    worst: { path: string; consensus: string; quality: number; votes: object[] }[]
  }
  const classOf = (i: number): string => (i < 4 ? 'cat' : 'dog')
  const other = (name: string): string => (name === 'cat' ? 'dog' : 'cat')
  const vote = (author: string, name: string): Entry => ({ kind: 'class', class: name, author })

  test('of one layer are told apart by author', async () => {
    // Cy errs on every second picture.
    await importLayer('votes', (i) => [
      vote('ann', classOf(i)),
      vote('bo', classOf(i)),
      vote('cy', i % 2 === 0 ? other(classOf(i)) : classOf(i)),
    ])
    const found = await call<Found>('quality.agreement', { layers: ['votes'] })
    expect(found).toMatchObject({ samples: 8, compared: 8, method: 'majority of votes' })
    expect(found.annotators).toMatchObject([
      { name: 'ann', votes: 8, agreement: 1, quality: null },
      { name: 'bo', agreement: 1 },
      { name: 'cy', agreement: 0.5 },
    ])
    expect(found.pairs).toMatchObject([
      { a: 'ann', b: 'bo', kappa: 1 },
      { a: 'ann', b: 'cy', agreement: 0.5, kappa: 0 },
      { a: 'bo', b: 'cy', kappa: 0 },
    ])
    // 4 samples agree, 4 have two of three votes: observed 2/3, by chance 1/2.
    expect(found.kappa).toBeCloseTo(1 / 3, 5)
    expect(found.worst.slice(0, 4).map(({ path }) => path)).toEqual(['p0.png', 'p2.png', 'p4.png', 'p6.png'])
    expect(found.worst[0]).toMatchObject({ consensus: 'cat', quality: 0.666667 })
  })

  test('are weighed against a model by CROWDLAB', async () => {
    await importLayer('scores', (i) => [
      { kind: 'class', class: classOf(i), score: 0.9 },
      { kind: 'class', class: other(classOf(i)), score: 0.1 },
    ])
    const found = await call<Found>('quality.agreement', { layers: ['votes'], predictions: 'scores' })
    expect(found).toMatchObject({ method: 'CROWDLAB', compared: 8 })
    const [ann, bo, cy] = found.annotators
    expect(ann!.quality).toBeGreaterThan(0.9)
    expect(bo!.quality).toBeGreaterThan(0.9)
    expect(cy!.quality).toBeLessThan(0.6)
  })

  test('have to be two at least', async () => {
    const { code, hint } = await failure('quality.agreement', {})
    expect(code).toBe('INPUT_INVALID')
    expect(hint).toContain('--layers')
  })
})
