import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import type { CheckResult, Report } from '#contract'
import { createRng } from '#base'

const side = 48
let root: string
let app: App
const call = <T>(id: string, input: object = {}): Promise<T> => app.call(id, input) as Promise<T>

/** A coarse pattern of its own for every seed; a gain makes another exposure of the same. */
async function writeScene(file: string, seed: number, gain: number): Promise<void> {
  const rng = createRng(seed)
  const cells = Array.from({ length: 36 }, () => rng.uniform(40, 200))
  const grey = (x: number, y: number): number => cells[Math.floor(y / 8) * 6 + Math.floor(x / 8)]! * gain
  const pixels = Buffer.from(Array.from({ length: side * side }, (_, i) => grey(i % side, Math.floor(i / side))))
  await sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toFile(file)
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-check-looks-'))
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({
    workspace,
    config: await loadConfig({ workspace, env: {}, flags: { 'models.threads': '1' } }),
  })
  const pictures = join(root, 'pictures')
  for (const split of ['train', 'val']) await mkdir(join(pictures, split), { recursive: true })
  for (let seed = 0; seed < 12; seed++) await writeScene(join(pictures, 'train', `${seed}.png`), seed, 1)
  // One of the scenes that are trained on, darker; the others are new.
  await writeScene(join(pictures, 'val', 'again.png'), 3, 0.8)
  for (let seed = 20; seed < 24; seed++) await writeScene(join(pictures, 'val', `${seed}.png`), seed, 1)
  await call('dataset.import', { path: pictures, dataset: 'scenes' })
  await call('sample.set', { query: 'path ~ "train/*"', field: 'split', value: 'train' })
  await call('sample.set', { query: 'path ~ "val/*"', field: 'split', value: 'val' })
  await writeFile(
    join(root, 'w', 'fovea.checks.yaml'),
    'version: 1\nsuites:\n  default:\n    checks:\n      - leaks\n      - near-duplicates: { max_share: 0, by: embedding }\n      - outliers\n',
  )
}, 240_000)
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

const check = async (id: string): Promise<CheckResult> => {
  const { checks } = await call<Report>('check.run')
  return checks.find((one) => one.check === id)!
}

test('without vectors, what goes by looks alone is empty, and leaks go by hashes', async () => {
  expect(await check('outliers')).toMatchObject({ outcome: 'empty', looked: 0 })
  expect(await check('near-duplicates')).toMatchObject({ outcome: 'empty' })
  expect(await check('leaks')).toMatchObject({ looked: 17 })
})

test('with vectors, another exposure of a scene in another split is a leak', async () => {
  await call('spaces.embed', { model: 'pixels', space: 'pixels' })
  const leaks = await check('leaks')
  expect(leaks).toMatchObject({ outcome: 'fail', looked: 17, found: 2 })
  const [pair] = leaks.findings
  expect(new Set([pair!.path, pair!.other!.path])).toEqual(new Set(['train/3.png', 'val/again.png']))
  expect(await call('query.count', { query: leaks.query })).toMatchObject({ count: 2 })
  expect(await check('near-duplicates')).toMatchObject({ outcome: 'warn', looked: 17, found: 1 })
  expect(await check('outliers')).toMatchObject({ looked: 17 })
})

test('vectors that lag behind are an error only where vectors are asked for', async () => {
  await writeScene(join(root, 'pictures', 'val', 'late.png'), 99, 1)
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'scenes' })
  expect(await check('leaks')).toMatchObject({ outcome: expect.stringMatching(/pass|fail/) as string })
  expect(await check('near-duplicates')).toMatchObject({ outcome: 'error', error: expect.any(String) as string })
})
