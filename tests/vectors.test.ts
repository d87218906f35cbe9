import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import { createRng, type FoveaError } from '#base'
import { encodeTinyNetwork, writeTinyModel } from '../src/models/testing.ts'

const colours = { red: [200, 40, 40], green: [40, 200, 40], blue: [40, 40, 200] } as const
const scenes = 8
const exposures = 3

let root: string
let app: App

/** Eight scenes of each colour, each at three exposures: the same pattern, darker and lighter. */
async function writePictures(folder: string): Promise<void> {
  const side = 48
  for (const [name, colour] of Object.entries(colours)) {
    await mkdir(join(folder, name), { recursive: true })
    for (let scene = 0; scene < scenes; scene++) {
      const rng = createRng(`${name} ${scene}`)
      // Coarse patterns, so that the small grey picture shows them.
      const cells = Array.from({ length: 36 }, () => rng.uniform(0.3, 1.3))
      for (let exposure = 0; exposure < exposures; exposure++) {
        const gain = [0.7, 0.85, 1][exposure]!
        const pixels = Buffer.alloc(side * side * 3)
        for (let y = 0; y < side; y++)
          for (let x = 0; x < side; x++)
            for (let c = 0; c < 3; c++)
              pixels[(y * side + x) * 3 + c] = Math.min(
                255,
                colour[c]! * gain * cells[Math.floor(y / 8) * 6 + Math.floor(x / 8)]!,
              )
        await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
          .png()
          .toFile(join(folder, name, `s${scene}-e${exposure}.png`))
      }
    }
  }
}

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
  root = await mkdtemp(join(tmpdir(), 'fovea-vectors-'))
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({
    workspace,
    config: await loadConfig({ workspace, env: {}, flags: { 'models.threads': '1' } }),
  })
  await writePictures(join(root, 'pictures'))
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'colours' })
  const { weights, card } = await writeTinyModel(root)
  await call('models.add', { path: weights, card })
}, 240_000)
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

describe('before there are vectors', () => {
  test('a query for similar ones says what to do', async () => {
    expect(await failure('query.count', { query: 'similar("s_1") > 0.5' })).toMatchObject({
      code: 'SPACE_NOT_FOUND',
      hint: 'Make them with: fovea embed --dataset colours',
    })
    expect(await failure('spaces.map')).toMatchObject({ code: 'SPACE_NOT_FOUND' })
    expect(await failure('spaces.embed', { model: 'resnet' })).toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })
})

describe('embedding', () => {
  test('a part first, then the rest, and nothing twice', async () => {
    const part = await call('spaces.embed', { model: 'tiny', query: 'class = "red"' })
    expect(part).toMatchObject({ space: 'tiny', dimensions: 4, embedded: 24, unchanged: 0, failed: 0 })
    const [space] = (await call<{ spaces: object[] }>('spaces.list')).spaces
    expect(space).toMatchObject({ name: 'tiny', vectors: 24, missing: 0, stale: 0 })
    expect(await call('spaces.embed', { model: 'tiny' })).toMatchObject({ embedded: 48, unchanged: 24 })
    expect(await call('spaces.embed', { model: 'tiny' })).toMatchObject({ embedded: 0, unchanged: 72 })
  })

  test('a part that is named wrongly, or by something that is gone later, spoils nothing', async () => {
    const part = { model: 'tiny', space: 'part' }
    expect(await failure('spaces.embed', { ...part, query: 'shift = "night"' })).toMatchObject({
      code: 'QUERY_INVALID',
    })
    expect(await failure('spaces.embed', { ...part, of: 'labels', layer: 'none' })).toMatchObject({
      code: 'LAYER_NOT_FOUND',
    })
    const spaces = async (): Promise<{ name: string; vectors: number }[]> =>
      (await call<{ spaces: { name: string; vectors: number }[] }>('spaces.list')).spaces
    expect((await spaces()).map(({ name }) => name)).toEqual(['tiny'])
    await call('sample.set', { query: 'class = "red"', field: 'shift', value: 'night' })
    await call('spaces.embed', { ...part, query: 'shift = "night"' })
    await call('sample.set', { query: 'shift exists', field: 'shift', value: null })
    await call('field.remove', { name: 'shift' })
    expect((await spaces())[0]).toMatchObject({ name: 'part', vectors: 24, missing: 0 })
    await call('spaces.remove', { space: 'part' })
    // What a part by looks holds is settled once: the space would otherwise have to be known to know the space.
    await call('spaces.embed', { model: 'pixels', space: 'part', query: 'similar("s_1") > 0.99' })
    await call('spaces.remove', { space: 'tiny' })
    expect(await spaces()).toMatchObject([{ name: 'part', vectors: 24 }])
    expect(await count('similar("s_1") > 0.99')).toBeGreaterThan(0)
    await call('spaces.remove', { space: 'part' })
    await call('spaces.embed', { model: 'tiny' })
  })

  test('two models do not share a space', async () => {
    expect(await failure('spaces.embed', { model: 'pixels', space: 'tiny' })).toMatchObject({ code: 'SPACE_EXISTS' })
  })

  test('a model that answers with no numbers is stopped', async () => {
    const folder = await mkdtemp(join(root, 'nan-'))
    // Fine on the grey picture it is tried with, not on one that has a black channel.
    const { weights, card } = await writeTinyModel(
      folder,
      { name: 'fragile' },
      encodeTinyNetwork({ weights: Array.from({ length: 12 }, () => 3e38) }),
    )
    expect(await failure('models.add', { path: weights, card })).toMatchObject({ code: 'MODEL_OUTPUT' })
  })

  test('cancelled midway, it keeps what it finished and goes on after it', async () => {
    const stop = new AbortController()
    const running = app.call(
      'spaces.embed',
      { model: 'pixels', space: 'cut' },
      { signal: stop.signal, progress: { report: ({ done }) => done >= 64 && stop.abort() } },
    )
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    const files = await readdir(join(root, 'w', '.fovea', 'spaces', 'd1', 'cut'))
    expect(files.filter((file) => file.endsWith('.tmp'))).toEqual([])
    const again = await call<{ embedded: number; unchanged: number }>('spaces.embed', { model: 'pixels', space: 'cut' })
    expect(again.embedded + again.unchanged).toBe(72)
    expect(again.unchanged).toBeGreaterThanOrEqual(64)
    await call('spaces.remove', { space: 'cut' })
  })
})

describe('neighbours', () => {
  test('of a sample, of a file, among those a query matches', async () => {
    const near = await call<{ neighbours: { path: string; score: number }[]; index: string }>('spaces.similar', {
      like: 's_1',
      limit: 23,
    })
    expect(near.index).toBe('exact')
    const [first] = (await call<{ rows: { path: string }[] }>('query.run', { query: 'id = s_1' })).rows
    const own = first!.path.split('/')[0]!
    expect(new Set(near.neighbours.map(({ path }) => path.split('/')[0]))).toEqual(new Set([own]))
    const file = join(root, 'outside.png')
    await sharp({ create: { width: 20, height: 20, channels: 3, background: 'lime' } })
      .png()
      .toFile(file)
    const green = await call<typeof near>('spaces.similar', { like: file, limit: 3 })
    expect(green.neighbours.map(({ path }) => path.split('/')[0])).toEqual(['green', 'green', 'green'])
    const blue = await call<typeof near>('spaces.similar', { like: file, limit: 3, query: 'class = "blue"' })
    expect(blue.neighbours.map(({ path }) => path.split('/')[0])).toEqual(['blue', 'blue', 'blue'])
    expect(await failure('spaces.similar', { like: 's_999' })).toMatchObject({ code: 'SAMPLE_NOT_FOUND' })
    expect(await failure('spaces.similar', { like: join(root, 'none.png') })).toMatchObject({
      code: 'MEDIA_UNREADABLE',
    })
  })

  test('are asked for in queries, with everything else', async () => {
    expect(await count('similar("s_1") > 0.99')).toBe(24)
    expect(await count('similar("s_1") > 0.99 and path ~ "*-e0.png"')).toBe(8)
    expect(await count('not similar("s_1") > 0.99')).toBe(48)
    const { rows } = await call<{ rows: { classes: string[] }[] }>('query.run', {
      query: 'order by similar("s_1") desc limit 25',
    })
    expect(new Set(rows.slice(0, 24).map(({ classes }) => classes[0])).size).toBe(1)
    expect(rows[24]!.classes).not.toEqual(rows[0]!.classes)
    await call('sample.tag', { query: 'similar("s_1") > 0.99', tags: ['like-one'] })
    expect(await count('tag:like-one')).toBe(24)
    await call('slice.save', { name: 'alike', query: 'similar("s_1") > 0.99' })
    expect(await count('slice:alike')).toBe(24)
  })
})

describe('duplicates, splits and leaks', () => {
  test('scenes are found across exposures, and a random split leaks', async () => {
    const found = await call<{ groups: { samples: { path: string }[] }[]; mixedGroups: number }>(
      'curation.duplicates',
      {},
    )
    expect(found.groups).toHaveLength(24)
    for (const { samples } of found.groups) {
      expect(samples).toHaveLength(exposures)
      expect(new Set(samples.map(({ path }) => path.replace(/-e\d\.png$/, ''))).size).toBe(1)
    }
    expect(found.mixedGroups).toBe(0)
    expect(await count('duplicate_group = "g1"')).toBe(exposures)
    await call('split.assign', { ratios: 'train=.8,val=.2', group: 'none' })
    expect((await call<{ count: number }>('split.leaks')).count).toBeGreaterThan(0)
  })

  test('a grouped split leaks nothing and keeps the classes', async () => {
    const split = await call<{
      splits: { name: string; count: number; strata: Record<string, number> }[]
      change: string
    }>('split.assign', { ratios: 'train=.5,val=.25,test=.25' })
    expect((await call<{ count: number }>('split.leaks')).count).toBe(0)
    expect(split.splits.map(({ count: n }) => n)).toEqual([36, 18, 18])
    for (const { strata } of split.splits) expect(Object.keys(strata).toSorted()).toEqual(['blue', 'green', 'red'])
    expect(await count('split = "val"')).toBe(18)
    await call('history.undo', { change: split.change })
    expect(await count('split = "test"')).toBe(0)
    expect(await failure('split.assign', { ratios: 'train=.8,val=.3' })).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/sum to 1.1/) as string,
    })
    expect(await failure('split.assign', { group: 'scene' })).toMatchObject({ code: 'FIELD_NOT_FOUND' })
  })
})

describe('maps, clusters and scores', () => {
  test('a map has a point a sample, the same for the same seed, and takes in what is new', async () => {
    const made = await call('spaces.map', { neighbours: 5 })
    expect(made).toMatchObject({ method: 'umap', points: 72, placed: 0 })
    const { points } = await call<{ points: { sample: string; x: number; y: number }[] }>('spaces.points')
    expect(points).toHaveLength(72)
    await call('spaces.map', { neighbours: 5, again: true })
    expect((await call<{ points: object[] }>('spaces.points')).points).toEqual(points)
    expect((await call<{ points: object[] }>('spaces.points', { query: 'class = "red"' })).points).toHaveLength(24)

    await mkdir(join(root, 'pictures', 'red'), { recursive: true })
    await sharp({ create: { width: 48, height: 48, channels: 3, background: '#c02828' } })
      .png()
      .toFile(join(root, 'pictures', 'red', 'new.png'))
    await call('dataset.import', { path: join(root, 'pictures'), dataset: 'colours' })
    expect(await failure('spaces.map')).toMatchObject({
      code: 'SPACE_STALE',
      message: expect.stringMatching(/1 sample has no vector/) as string,
      hint: 'Bring it up to date with: fovea embed --dataset colours --model tiny --space tiny',
    })
    expect(await failure('query.count', { query: 'similar("s_1") > 0.5' })).toMatchObject({ code: 'SPACE_STALE' })
    await call('spaces.embed', { model: 'tiny' })
    expect(await call('spaces.map', { neighbours: 5 })).toMatchObject({ points: 73, placed: 1 })
    const after = (await call<{ points: typeof points }>('spaces.points')).points
    const places = new Map(after.map(({ sample, x, y }) => [sample, [x, y]]))
    for (const { sample, x, y } of points) expect(places.get(sample)).toEqual([x, y])
  })

  test('clusters are a field that names them', async () => {
    const { clusters } = await call<{ clusters: { name: string; size: number }[] }>('spaces.cluster', {
      method: 'kmeans',
      k: 3,
    })
    expect(clusters.map(({ name }) => name).toSorted()).toEqual(['blue', 'green', 'red'])
    expect(await count('cluster = "green"')).toBe(24)
    expect(await failure('spaces.cluster', { field: 'width' })).toMatchObject({ code: 'FIELD_READ_ONLY' })
    expect(await failure('spaces.cluster', { method: 'hdbscan', space: 'none' })).toMatchObject({
      code: 'SPACE_NOT_FOUND',
    })
    const told = await call<{ explanations: { query: string; precision: number; recall: number }[] }>('query.explain', {
      query: 'similar("s_1") > 0.99',
    })
    expect(told.explanations[0]).toMatchObject({ precision: 1, recall: 1 })
  })

  test('scores are fields, and choices keep their budget', async () => {
    await call('curation.score', {})
    await call('curation.outliers', {})
    expect(await count('uniqueness >= 0 and representativeness >= 0 and outlier_score >= 0')).toBe(73)
    const { chosen, coverage } = await call<{ chosen: { path: string }[]; coverage: number }>('curation.select', {
      budget: 3,
      strategy: 'coverage',
      tag: 'label-me',
    })
    expect(new Set(chosen.map(({ path }) => path.split('/')[0]))).toEqual(new Set(['red', 'green', 'blue']))
    expect(coverage).toBeGreaterThan(0)
    expect(await count('tag:label-me')).toBe(3)
    expect(await failure('curation.select', { budget: 3, strategy: 'hard' })).toMatchObject({ code: 'INPUT_INVALID' })
    expect(await failure('curation.select', { budget: 3, strategy: 'hard', predictions: 'm' })).toMatchObject({
      code: 'LAYER_NOT_FOUND',
    })
  })
})

describe('vectors made elsewhere', () => {
  const writeNpy = (file: string, rows: number, columns: number, data: Float32Array, type = '<f4'): Promise<void> => {
    const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`
    const text = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + '\n'
    const head = Buffer.alloc(10)
    head.write('\x93NUMPY\x01\x00', 'latin1')
    head.writeUInt16LE(text.length, 8)
    return writeFile(file, Buffer.concat([head, Buffer.from(text), Buffer.from(data.buffer)]))
  }

  test('are taken from npy, and refused when they do not fit', async () => {
    const file = join(root, 'v.npy')
    await writeNpy(
      file,
      73,
      2,
      Float32Array.from({ length: 146 }, (_, i) => i + 1),
    )
    expect(await call('spaces.import', { path: file, space: 'mine' })).toEqual({
      space: 'mine',
      dimensions: 2,
      vectors: 73,
    })
    expect(
      (await call<{ neighbours: object[] }>('spaces.similar', { like: 's_1', space: 'mine', limit: 5 })).neighbours,
    ).toHaveLength(5)
    expect(await failure('spaces.import', { path: file, space: 'mine' })).toMatchObject({ code: 'SPACE_EXISTS' })
    expect(await failure('spaces.similar', { like: file, space: 'mine' })).toMatchObject({ code: 'MODEL_NOT_FOUND' })
    await writeNpy(file, 70, 2, new Float32Array(140))
    const short = await failure('spaces.import', { path: file, space: 'short' })
    expect(short).toMatchObject({
      code: 'VECTORS_INVALID',
      message: 'Expected a row for each of the 73 samples of colours, got 70 rows.',
    })
    await writeNpy(
      file,
      73,
      2,
      Float32Array.from({ length: 146 }, (_, i) => (i === 9 ? Number.NaN : 1)),
    )
    expect(await failure('spaces.import', { path: file, space: 'nan' })).toMatchObject({
      message: expect.stringMatching(/^Row 5 .* no number/) as string,
    })
    await writeNpy(file, 73, 2, new Float32Array(146), '<i4')
    expect(await failure('spaces.import', { path: file, space: 'ints' })).toMatchObject({
      message: expect.stringMatching(/got <i4/) as string,
    })
    await writeFile(file, 'no vectors')
    expect(await failure('spaces.import', { path: file, space: 'text' })).toMatchObject({ code: 'VECTORS_INVALID' })
    expect((await call<{ spaces: { name: string }[] }>('spaces.list')).spaces.map(({ name }) => name)).toEqual([
      'mine',
      'pixels',
      'tiny',
    ])
  })

  test('are taken from Parquet by the path of their sample', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const file = join(root, 'v.parquet')
    const { rows } = await call<{ rows: { path: string }[] }>('query.run', { query: 'class = "red"', limit: 100 })
    const db = await (await DuckDBInstance.create(':memory:')).connect()
    const lines = rows.map(({ path }, i) => `('${path}', [${i}, 1, 2]::FLOAT[])`).join(', ')
    await db.run(`COPY (SELECT * FROM (VALUES ${lines}) t(path, embedding)) TO '${file}' (FORMAT parquet)`)
    expect(await call('spaces.import', { path: file, space: 'reds' })).toEqual({
      space: 'reds',
      dimensions: 3,
      vectors: rows.length,
    })
    expect(
      (await call<{ spaces: { name: string; missing: number }[] }>('spaces.list')).spaces.find(
        ({ name }) => name === 'reds',
      ),
    ).toMatchObject({ missing: 0 })
    expect(await failure('spaces.import', { path: file, space: 'x', column: 'vectors' })).toMatchObject({
      message: expect.stringMatching(/has no column vectors; it has path, embedding/) as string,
    })
    expect(await failure('spaces.import', { path: file, space: 'x', key: 'md5' })).toMatchObject({
      code: 'VECTORS_INVALID',
    })
    db.closeSync()
  })
})

describe('datasets of next to nothing', () => {
  test('are answered like any other', async () => {
    await mkdir(join(root, 'single', 'lone'), { recursive: true })
    await sharp({ create: { width: 20, height: 20, channels: 3, background: 'teal' } })
      .png()
      .toFile(join(root, 'single', 'lone', 'a.png'))
    await call('dataset.import', { path: join(root, 'single'), dataset: 'single' })
    await call('dataset.create', { name: 'empty' })
    for (const [dataset, samples] of [
      ['empty', 0],
      ['single', 1],
    ] as const) {
      expect(await call('spaces.embed', { dataset, model: 'tiny' })).toMatchObject({ embedded: samples })
      expect(await call('spaces.map', { dataset })).toMatchObject({ points: samples, trustworthiness: null })
      expect(await call('spaces.cluster', { dataset })).toMatchObject({ clusters: [], unclustered: samples })
      expect(await call('spaces.cluster', { dataset, method: 'kmeans' })).toMatchObject({ unclustered: 0 })
      expect(await call('curation.duplicates', { dataset })).toMatchObject({ samples, groups: [] })
      expect(await call('curation.outliers', { dataset })).toMatchObject({ threshold: 0, count: 0 })
      expect(await call('curation.score', { dataset })).toMatchObject({ samples })
      const { chosen } = await call<{ chosen: object[] }>('curation.select', { dataset, budget: 5 })
      expect(chosen).toHaveLength(samples)
      expect(await call('split.leaks', { dataset })).toMatchObject({ count: 0, pairs: [] })
    }
    expect(await call('query.count', { dataset: 'single', query: 'uniqueness = 0 and not outlier' })).toEqual({
      count: 1,
    })
    expect(await failure('split.assign', { dataset: 'empty' })).toMatchObject({ code: 'INPUT_INVALID' })
    // Classes of its own are not those that texts are understood by, whatever the text.
    for (const query of ['text("dog")', 'text("qwxz")'])
      expect(await failure('query.count', { dataset: 'single', query })).toMatchObject({
        code: 'QUERY_NEEDS_EMBEDDINGS',
      })
    expect(await call('query.count', { dataset: 'empty', query: 'text("dog")' })).toEqual({ count: 0 })
    await call('dataset.delete', { dataset: 'single' })
    await call('dataset.delete', { dataset: 'empty' })
  })
})
