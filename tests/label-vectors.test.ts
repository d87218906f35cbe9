import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import type { Space } from '#contract'
import { writeTinyModel } from '../src/models/testing.ts'

type Box = readonly [x: number, y: number, width: number, height: number]

const half: Box = [4, 4, 24, 24]
const left = { class: 'left', box: half }
const right = { class: 'right', box: [36, 4, 24, 24] as Box }

let root: string
let app: App

const call = <T>(id: string, input: object = {}): Promise<T> => app.call(id, input) as Promise<T>

/** One picture, red on its left half and blue on its right, with boxes in COCO. */
async function writeDataset(folder: string, boxes: readonly { class: string; box: Box }[]): Promise<void> {
  await mkdir(join(folder, 'data'), { recursive: true })
  const blue = sharp({ create: { width: 32, height: 32, channels: 3, background: '#0000ff' } }).png()
  await sharp({ create: { width: 64, height: 32, channels: 3, background: '#ff0000' } })
    .composite([{ input: await blue.toBuffer(), left: 32, top: 0 }])
    .png()
    .toFile(join(folder, 'data', 'halves.png'))
  const names = [...new Set(boxes.map((box) => box.class))]
  await writeFile(
    join(folder, 'labels.json'),
    JSON.stringify({
      images: [{ id: 1, file_name: 'halves.png', width: 64, height: 32 }],
      categories: names.map((name, i) => ({ id: i + 1, name })),
      annotations: boxes.map(({ class: name, box }, i) => ({
        id: i + 1,
        image_id: 1,
        category_id: names.indexOf(name) + 1,
        bbox: box,
        area: box[2] * box[3],
        iscrowd: 0,
      })),
    }),
  )
}

const importBoxes = async (boxes: readonly { class: string; box: Box }[]): Promise<void> => {
  await writeDataset(join(root, 'halves'), boxes)
  await call('dataset.import', { path: join(root, 'halves'), dataset: 'halves' })
}
const embedLabels = (): Promise<unknown> => call('spaces.embed', { model: 'tiny', of: 'labels', space: 'boxes' })
const standing = async (): Promise<Space> => (await call<{ spaces: Space[] }>('spaces.list')).spaces[0]!
/** Label ids by class. */
const labels = async (): Promise<Record<string, string>> => {
  const { layers } = await call<{ layers: { labels: { id: string; class: string }[] }[] }>('sample.show', {
    sample: 's_1',
  })
  return Object.fromEntries(layers.flatMap((layer) => layer.labels.map((label) => [label.class, label.id])))
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-label-vectors-'))
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({
    workspace,
    config: await loadConfig({ workspace, env: {}, flags: { 'models.threads': '1' } }),
  })
  const { weights, card } = await writeTinyModel(root)
  await call('models.add', { path: weights, card })
  await importBoxes([left, right])
}, 240_000)
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

test('each box has the vector of what is in it', async () => {
  expect(await embedLabels()).toMatchObject({ space: 'boxes', dimensions: 4, embedded: 2, failed: 0 })
  expect(await standing()).toMatchObject({ of: 'labels', layer: 'truth', vectors: 2, missing: 0, stale: 0 })
  const ids = await labels()
  const red = await call<{ neighbours: { sample: string; label: string; score: number }[] }>('spaces.similar', {
    like: ids['left'],
    space: 'boxes',
  })
  // Red and blue have nothing in common for a model of mean colours.
  expect(red.neighbours).toEqual([
    { sample: 's_1', label: ids['right'], path: expect.stringMatching(/halves\.png$/), score: expect.closeTo(0, 5) },
  ])
  const file = join(root, 'blue.png')
  await sharp({ create: { width: 9, height: 9, channels: 3, background: '#0000ff' } })
    .png()
    .toFile(file)
  const blue = await call<typeof red>('spaces.similar', { like: file, space: 'boxes', limit: 1 })
  expect(blue.neighbours).toMatchObject([{ label: ids['right'], score: expect.closeTo(1, 5) as number }])
})

test('boxes that moved leave the space behind, and embedding again mends it', async () => {
  await importBoxes([{ ...left, box: right.box }, right])
  const { missing, stale } = await standing()
  expect(missing + stale).toBeGreaterThan(0)
  const ids = await labels()
  const similar = (): Promise<{ neighbours: { label: string; score: number }[] }> =>
    call('spaces.similar', { like: ids['left'], space: 'boxes' })
  await expect(similar()).rejects.toMatchObject({
    code: 'SPACE_STALE',
    hint: 'Bring it up to date with: fovea embed --dataset halves --model tiny --space boxes --of labels --layer truth',
  })
  await embedLabels()
  expect(await standing()).toMatchObject({ vectors: 2, missing: 0, stale: 0 })
  expect((await similar()).neighbours).toMatchObject([{ label: ids['right'], score: expect.closeTo(1, 5) as number }])
})
