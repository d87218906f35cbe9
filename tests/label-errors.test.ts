import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import { createRng, type FoveaError } from '#base'

const patterns = { stripes: [8, 1], bars: [1, 8], dots: [3, 3] } as const
const perClass = 14
/** Pictures of stripes in the folder of bars. */
const misplaced = ['bars/odd-0.png', 'bars/odd-1.png']

let root: string
let app: App

interface Found {
  method: string
  source: string
  samples: number
  count: number
  agreement: number
  skipped: { reason: string; count: number }[]
  worst: { sample: string; path: string; class: string; suggested: string; quality: number }[]
  change: string | null
}

const call = <T>(id: string, input: object = {}): Promise<T> => app.call(id, input) as Promise<T>
const count = async (query: string): Promise<number> => (await call<{ count: number }>('query.count', { query })).count
const failure = (id: string, input: object): Promise<FoveaError> =>
  app.call(id, input).then(
    () => {
      throw new Error(`${id} was expected to fail`)
    },
    (error: FoveaError) => error,
  )

/** Blocks of grey of a shape of their own, with noise. */
async function writePicture(file: string, [w, h]: readonly [number, number], seed: string): Promise<void> {
  const side = 32
  const rng = createRng(seed)
  const pixels = Buffer.alloc(side * side)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      pixels[y * side + x] = ((Math.floor(x / w) + Math.floor(y / h)) % 2 === 0 ? 60 : 180) + rng.uniform(-40, 40)
  await sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toFile(file)
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-labels-'))
  for (const [name, shape] of Object.entries(patterns)) {
    await mkdir(join(root, 'set', name), { recursive: true })
    for (let i = 0; i < perClass; i++) await writePicture(join(root, 'set', name, `${i}.png`), shape, `${name} ${i}`)
  }
  for (const path of misplaced) await writePicture(join(root, 'set', path), patterns.stripes, path)
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
  await call('dataset.import', { path: join(root, 'set'), dataset: 'set' })
  await call('spaces.embed', { model: 'pixels' })
})
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

describe('wrong classes', () => {
  test('are found by models of the embeddings, written as one change, and taken back', async () => {
    const found = await call<Found>('quality.label-errors', {})
    expect(found.worst.map(({ path }) => path).toSorted()).toEqual(misplaced)
    expect(found.worst[0]).toMatchObject({ class: 'bars', suggested: 'stripes' })
    expect(found).toMatchObject({ method: 'auto', samples: 3 * perClass + 2, count: 2, skipped: [] })
    expect(found.source).toContain('space pixels')
    expect(await count('tag:label_error')).toBe(2)
    expect(await count('suggested_class = "stripes" and label_quality < 0.5')).toBe(2)
    const { rows } = await call<{ rows: { path: string }[] }>('query.run', { query: 'order by label_quality limit 2' })
    expect(rows.map(({ path }) => path).toSorted()).toEqual(misplaced)
    await call('history.undo')
    expect(await count('tag:label_error')).toBe(0)
  })

  test('are the same for the same seed, and untouched without saving', async () => {
    const first = await call<Found>('quality.label-errors', { save: false, seed: 4 })
    expect(await call('quality.label-errors', { save: false, seed: 4 })).toEqual(first)
    expect(first.change).toBeNull()
    expect(await count('tag:label_error')).toBe(0)
  })

  test('get the suggested class when it is accepted, which importing again leaves in place', async () => {
    await call('quality.label-errors', {})
    const accepted = await call<{ changed: number; change: string }>('quality.accept', {
      query: 'tag:label_error',
    })
    expect(accepted).toMatchObject({ changed: 2, matched: 2, corrections: [{ from: 'bars', to: 'stripes', count: 2 }] })
    expect(await count('class = "stripes"')).toBe(perClass + 2)
    expect(await count('tag:label_error')).toBe(0)
    expect((await call<Found>('quality.label-errors', { save: false })).count).toBe(0)
    await call('dataset.import', { path: join(root, 'set'), dataset: 'set' })
    expect(await count('class = "stripes"')).toBe(perClass + 2)
    await call('history.undo', { change: accepted.change })
    expect(await count('class = "stripes"')).toBe(perClass)
    expect(await count('tag:label_error')).toBe(2)
  })
})

describe('probabilities of a layer', () => {
  /** Imports the scores of a model for every picture. */
  const importScores = async (layer: string, scoresOf: (path: string) => Record<string, number>): Promise<void> => {
    const { rows } = await call<{ rows: { path: string }[] }>('query.run', { limit: 100 })
    const lines = rows.map(({ path }) => ({
      path,
      split: null,
      width: 32,
      height: 32,
      tags: [],
      fields: {},
      labels: Object.entries(scoresOf(path)).map(([name, score]) => ({ kind: 'class', class: name, score })),
    }))
    await writeFile(join(root, 'set', 'samples.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
    await call('dataset.import', { path: join(root, 'set'), dataset: 'set', layer, format: 'jsonl' })
    await rm(join(root, 'set', 'samples.jsonl'))
  }
  const truthOf = (path: string): string => (misplaced.includes(path) ? 'stripes' : path.split('/')[0]!)

  test('that does not exist is refused', async () => {
    expect(await failure('quality.label-errors', { predictions: 'nowhere' })).toMatchObject({ code: 'LAYER_NOT_FOUND' })
    expect(await failure('quality.label-errors', { predictions: 'truth' })).toMatchObject({
      code: 'PROBABILITIES_INVALID',
    })
  })

  test('are taken as they are, what is not named shared by the other classes', async () => {
    await importScores('model', (path) => ({ [truthOf(path)]: 0.9 }))
    for (const method of ['auto', 'noise-rate', 'disagreement']) {
      const found = await call<Found>('quality.label-errors', { predictions: 'model', method, save: false })
      expect(found).toMatchObject({ method, source: 'layer model', count: 2 })
      expect(found.worst.map(({ path }) => path).toSorted()).toEqual(misplaced)
      expect(found.worst[0]!.quality).toBeCloseTo(0.05, 6)
    }
  })

  test('that are none are refused by the name of the first sample', async () => {
    await importScores('loud', (path) => ({ [truthOf(path)]: 0.9, other: 0.4 }))
    const { code, message, hint } = await failure('quality.label-errors', { predictions: 'loud' })
    expect(code).toBe('PROBABILITIES_INVALID')
    expect(message).toContain('(sum 1.3) at sample s_1 of layer loud')
    expect(hint).toContain('softmax')
    await importScores('strange', () => ({ cat: 0.5, dog: 0.5 }))
    expect(await failure('quality.label-errors', { predictions: 'strange' })).toMatchObject({
      code: 'PROBABILITIES_INVALID',
      message: expect.stringContaining('no class is in both') as string,
    })
  })

  test('cannot be made where all have one class', async () => {
    expect(await failure('quality.label-errors', { query: 'class = "dots"' })).toMatchObject({ code: 'INPUT_INVALID' })
  })
})
