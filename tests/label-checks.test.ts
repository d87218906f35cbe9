import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import type { Report } from '#contract'

let root: string
let app: App
const call = <T>(id: string, input: object = {}): Promise<T> => app.call(id, input) as Promise<T>

/** Runs a suite of these lines. */
async function check(...lines: string[]): Promise<Report['checks']> {
  const text = `version: 1\nsuites:\n  default:\n    checks:\n${lines.map((line) => `      - ${line}\n`).join('')}`
  await writeFile(join(root, 'w', 'fovea.checks.yaml'), text)
  return (await call<Report>('check.run')).checks
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-label-checks-'))
  await mkdir(join(root, 'data'))
  const images: { id: number; file_name: string; width: number; height: number }[] = []
  for (let i = 0; i < 6; i++) {
    await sharp({ create: { width: 60, height: 40, channels: 3, background: { r: 40 * i, g: 90, b: 120 } } })
      .png()
      .toFile(join(root, 'data', `p${i}.png`))
    images.push({ id: i, file_name: `p${i}.png`, width: 60, height: 40 })
  }
  const categories = ['cat', 'dog'].map((name, i) => ({ id: i + 1, name }))
  const box = (id: number, image: number, category: number, bbox: number[], more: object = {}) => ({
    id,
    image_id: image,
    category_id: category,
    bbox,
    area: bbox[2]! * bbox[3]!,
    iscrowd: 0,
    ...more,
  })
  const square = (x: number): number[] => [x, 10, 20, 20]
  const shape = (x: number) => ({ segmentation: [[x, 10, x + 20, 10, x + 20, 30, x, 30]] })
  const write = (name: string, annotations: object[]) =>
    writeFile(join(root, 'data', name), JSON.stringify({ images, categories, annotations }))
  // The model is sure of a cat on the left of each; on the last it is told to be elsewhere.
  const given = images.map(({ id }) => box(id + 1, id, 1, square(id === 5 ? 35 : 5), shape(id === 5 ? 35 : 5)))
  await write('truth.json', given)
  await write(
    'model.json',
    images.map(({ id }) => box(id + 1, id, 1, square(5), { score: 0.95, ...shape(5) })),
  )
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
  await call('dataset.import', { path: join(root, 'data', 'truth.json'), dataset: 'set' })
  await call('dataset.import', { path: join(root, 'data', 'model.json'), dataset: 'set', layer: 'model' })
})
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

test('boxes and masks that a model holds for wrong are found, with the way to them, and nothing is written', async () => {
  const before = (await call<{ changes: object[] }>('history.list')).changes.length
  for (const found of await check('box-errors: model', 'mask-errors: { predictions: model, threshold: 0.4 }')) {
    expect(found).toMatchObject({ outcome: 'warn', looked: 6, found: 1 })
    expect(found.findings[0]).toMatchObject({ sample: 's_6', path: 'p5.png' })
    const { rows } = await call<{ rows: { id: string }[] }>('query.run', { query: found.query })
    expect(rows.map(({ id }) => id)).toEqual(['s_6'])
  }
  expect((await call<{ changes: object[] }>('history.list')).changes).toHaveLength(before)
  const [allowed] = await check('box-errors: { predictions: model, max_share: 0.5 }')
  expect(allowed).toMatchObject({ outcome: 'pass', found: 1 })
})

test('a scope is kept to, and what cannot be judged is empty or an error, never a pass', async () => {
  const [within] = await check('box-errors: { predictions: model, scope: path = "p0.png" }')
  expect(within).toMatchObject({ outcome: 'pass', looked: 1, found: 0 })
  const [nothing, elsewhere] = await check('label-errors', 'box-errors: nowhere')
  expect(nothing).toMatchObject({ outcome: 'empty', looked: 0 })
  expect(elsewhere).toMatchObject({ outcome: 'error' })
})
