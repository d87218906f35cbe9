import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'

let root: string
let app: App
const call = <T>(id: string, input: object = {}): Promise<T> => app.call(id, input) as Promise<T>

interface Drawn {
  image: number
  category: string
  bbox: number[]
  score?: number
  /** Left, top, right, bottom. */
  outline?: [number, number, number, number]
}

const drawOutline = ([left, top, right, bottom]: readonly number[]): number[] =>
  [left, top, right, top, right, bottom, left, bottom] as number[]

/** Writes a COCO file beside four pictures. */
async function writeCoco(name: string, drawn: readonly Drawn[]): Promise<string> {
  const categories = ['cat', 'dog', 'owl'].map((category, i) => ({ id: i + 1, name: category }))
  const file = join(root, 'pictures', `${name}.json`)
  await writeFile(
    file,
    JSON.stringify({
      images: [1, 2, 3, 4].map((id) => ({ id, file_name: `${id}.png`, width: 100, height: 100 })),
      categories,
      annotations: drawn.map(({ image, category, bbox, score, outline }, i) => ({
        id: i + 1,
        image_id: image,
        category_id: categories.find((one) => one.name === category)!.id,
        bbox,
        area: bbox[2]! * bbox[3]!,
        iscrowd: 0,
        ...(outline === undefined ? {} : { segmentation: [drawOutline(outline)] }),
        ...(score === undefined ? {} : { score }),
      })),
    }),
  )
  return file
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-evaluation-'))
  await mkdir(join(root, 'pictures'))
  for (const id of [1, 2, 3, 4])
    await sharp({ create: { width: 100, height: 100, channels: 3, background: { r: 60 * id, g: 20, b: 90 } } })
      .png()
      .toFile(join(root, 'pictures', `${id}.png`))
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
})
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

/** How many labels a condition finds. */
async function countLabels(dataset: string, query: string): Promise<number> {
  const { rows } = await call<{ rows: { id: string }[] }>('query.run', { dataset, query: `${query}.count > 0` })
  let found = 0
  for (const { id } of rows)
    for (let n = 1; ; n++) {
      const more = `id = "${id}" and ${query}.count >= ${n}`
      if ((await call<{ count: number }>('query.count', { dataset, query: more })).count === 0) break
      found++
    }
  return found
}

describe('boxes', () => {
  beforeAll(async () => {
    const truth = await writeCoco('truth', [
      { image: 1, category: 'cat', bbox: [10, 10, 40, 40] },
      { image: 2, category: 'cat', bbox: [10, 10, 40, 40] },
      { image: 2, category: 'dog', bbox: [60, 60, 20, 20] },
    ])
    await call('dataset.import', { path: truth, dataset: 'boxes' })
    const predicted = await writeCoco('predicted', [
      { image: 1, category: 'cat', bbox: [10, 10, 40, 40], score: 0.9 },
      { image: 2, category: 'cat', bbox: [12, 10, 40, 40], score: 0.4 },
      { image: 3, category: 'owl', bbox: [0, 0, 30, 30], score: 0.8 },
    ])
    await call('dataset.import', { path: predicted, dataset: 'boxes', layer: 'net' })
  })

  test('are judged as COCO does, and every error is found by a query', async () => {
    const result = await call<Record<string, unknown> & { change: string }>('evaluation.boxes', {
      dataset: 'boxes',
      predictions: 'net',
    })
    expect(result).toMatchObject({
      samples: 4,
      truths: 3,
      predictions: 3,
      // Cats: both found at IoU 0.5; the dog is not.
      figures: { ap50: expect.closeTo(0.5, 9), apLarge: null },
      at: { right: 1, wrong: 1, missed: 2, precision: 0.5, recall: expect.closeTo(1 / 3, 9) },
      worst: [
        { sample: 's_2', wrong: 0, missed: 2 },
        { sample: 's_3', wrong: 1, missed: 0 },
      ],
      fields: ['net_right', 'net_wrong', 'net_missed'],
    })
    expect(result['classes']).toContainEqual({
      class: 'owl',
      truths: 0,
      predictions: 1,
      ap: null,
      ap50: null,
      right: 0,
      wrong: 1,
      missed: 0,
    })
    const count = async (query: string): Promise<number> =>
      (await call<{ count: number }>('query.count', { dataset: 'boxes', query })).count
    expect(await count('net_missed > 0')).toBe(1)
    expect(await count('net_wrong > 0 or net_missed > 0')).toBe(2)
    expect(result['labels']).toMatchObject({
      attribute: 'net_eval',
      layer: 'net',
      outcomes: [
        { outcome: 'tp', labels: 1, query: 'layer("net").labels[net_eval = "tp"]' },
        { outcome: 'confused', labels: 0 },
        { outcome: 'fp', labels: 1 },
        { outcome: 'fn', labels: 2, query: 'labels[net_eval = "fn"]' },
      ],
    })
    for (const { query, labels } of (result['labels'] as { outcomes: { query: string; labels: number }[] }).outcomes)
      expect(await countLabels('boxes', query)).toBe(labels)
    const { classes, counts } = result['confusion'] as { classes: string[]; counts: number[][] }
    const cell = (own: string, said: string): number => counts[classes.indexOf(own)]![classes.indexOf(said)]!
    expect([cell('cat', 'cat'), cell('cat', '(none)'), cell('dog', '(none)'), cell('(none)', 'owl')]).toEqual([
      1, 1, 1, 1,
    ])
    // Judged again from a lower score on: what was missed is found, and nobody remembers that it was not.
    await call('evaluation.boxes', { dataset: 'boxes', predictions: 'net', minScore: 0.3 })
    expect(await countLabels('boxes', 'labels[net_eval = "fn"]')).toBe(1)
    expect(await countLabels('boxes', 'labels[net_eval = "tp" and net_eval_iou < 0.95]')).toBe(1)
    await call('history.undo', { dataset: 'boxes' })
    expect(await countLabels('boxes', 'labels[net_eval = "fn"]')).toBe(2)
    await call('history.undo', { change: result.change })
    expect(await countLabels('boxes', 'labels[net_eval exists]')).toBe(0)
    expect(await countLabels('boxes', 'labels')).toBe(3)
    const { fields } = await call<{ fields: { name: string }[] }>('field.list', { dataset: 'boxes' })
    expect(fields.map(({ name }) => name)).not.toContain('net_missed')
  })

  test('within a query and from a score on', async () => {
    const input = { dataset: 'boxes', predictions: 'net', query: 'class = "cat"', minScore: 0.3, dryRun: true }
    expect(await call('evaluation.boxes', input)).toMatchObject({
      samples: 2,
      at: { right: 2, wrong: 0, missed: 1 },
      fields: [],
      change: null,
    })
  })

  test('an unknown layer is refused', async () => {
    const running = call('evaluation.boxes', { dataset: 'boxes', predictions: 'nat' })
    await expect(running).rejects.toMatchObject({ code: 'LAYER_NOT_FOUND' })
  })

  test('nothing to look at is nothing measured', async () => {
    const input = { dataset: 'boxes', predictions: 'net', query: 'width > 5000', dryRun: true }
    expect(await call('evaluation.boxes', input)).toMatchObject({
      samples: 0,
      figures: { ap: null, ar100: null },
      at: { precision: null, recall: null, f1: null },
      classes: [],
    })
  })
})

describe('classes', () => {
  const write = async (name: string, rows: readonly string[]): Promise<string> => {
    const file = join(root, 'pictures', `${name}.csv`)
    await writeFile(file, `path,class\n${rows.map((row, i) => `${i + 1}.png,${row}`).join('\n')}\n`)
    return file
  }
  beforeAll(async () => {
    await call('dataset.import', { path: await write('true', ['cat', 'cat', 'dog', 'owl']), dataset: 'classes' })
    const path = await write('guessed', ['cat', 'dog', 'dog', 'owl'])
    await call('dataset.import', { path, dataset: 'classes', layer: 'net' })
  })

  test('are judged with intervals and confusion; what was taken for what is a field', async () => {
    const result = await call<{ confusion: number[][]; classes: { class: string }[] }>('evaluation.classes', {
      dataset: 'classes',
      predictions: 'net',
    })
    expect(result).toMatchObject({
      samples: 4,
      skipped: { unlabelled: 0, severalClasses: 0, unpredicted: 0 },
      accuracy: 0.75,
      balancedAccuracy: expect.closeTo(2.5 / 3, 9),
      calibrationError: null,
      field: 'net_outcome',
    })
    const place = (name: string): number => result.classes.findIndex((one) => one.class === name)
    expect(result.confusion[place('cat')]![place('dog')]).toBe(1)
    for (const query of [
      'net_outcome = "cat taken for dog"',
      'labels[class = "cat" and net_eval = "confused" and net_eval_class = "dog"]',
      'layer("net").labels[class = "dog" and net_eval = "confused" and net_eval_class = "cat"]',
    ])
      expect(await call('query.run', { dataset: 'classes', query })).toMatchObject({ rows: [{ path: '2.png' }] })
    expect(await countLabels('classes', 'layer("net").labels[net_eval = "tp"]')).toBe(3)
  })

  test('without pictures that have both, there is no figure', async () => {
    const input = { dataset: 'classes', predictions: 'net', query: 'width > 5000' }
    expect(await call('evaluation.classes', input)).toMatchObject({ samples: 0, accuracy: null, change: null })
  })
})

describe('masks', () => {
  beforeAll(async () => {
    const square = (image: number, category: string, left: number): Drawn => ({
      image,
      category,
      bbox: [left, 10, 40, 40],
      outline: [left, 10, left + 40, 50],
    })
    const truth = await writeCoco('outlines', [square(1, 'cat', 10), square(2, 'dog', 10), square(3, 'cat', 10)])
    await call('dataset.import', { path: truth, dataset: 'masks' })
    const predicted = await writeCoco('drawn', [square(1, 'cat', 20), square(2, 'cat', 10)])
    await call('dataset.import', { path: predicted, dataset: 'masks', layer: 'net' })
  })

  test('are judged by their pixels: together, by class, by picture', async () => {
    const { rows } = await call<{ rows: { id: string }[] }>('query.run', { dataset: 'masks', query: 'order by path' })
    expect(await call('evaluation.masks', { dataset: 'masks', predictions: 'net' })).toMatchObject({
      samples: 4,
      empty: 1,
      // 30 × 40 and 40 × 40 px shared of three true and two predicted squares of 40 × 40.
      pooled: { dice: expect.closeTo((2 * 2800) / 8000, 9), recall: expect.closeTo(2800 / 4800, 9) },
      meanDice: expect.closeTo((0.75 + 1 + 0) / 3, 9),
      classes: [
        { class: 'cat', samples: 3, pixels: 3200, dice: expect.closeTo((2 * 1200) / 6400, 9) },
        { class: 'dog', samples: 1, pixels: 1600, dice: 0, precision: null, recall: 0 },
      ],
      worst: [
        { sample: rows[2]!.id, dice: 0 },
        { sample: rows[0]!.id, dice: expect.closeTo(0.75, 9) },
        { sample: rows[1]!.id, dice: 1 },
      ],
      field: 'net_dice',
    })
    expect(await call('query.count', { dataset: 'masks', query: 'net_dice < 0.5' })).toEqual({ count: 1 })
    // The cat of the first picture is found with Dice 0.75, the dog of the second covered by a cat, the third picture missed.
    const verdicts = {
      'labels[class = "cat" and net_eval = "tp" and net_eval_iou = 0.6]': 1,
      'labels[class = "dog" and net_eval = "confused" and net_eval_class = "cat"]': 1,
      'layer("net").labels[class = "cat" and net_eval = "confused" and net_eval_class = "dog"]': 1,
      'labels[net_eval = "fn"]': 1,
      'layer("net").labels[net_eval = "tp"]': 1,
      'layer("net").labels[net_eval = "fp"]': 0,
    }
    for (const [query, count] of Object.entries(verdicts))
      expect([query, await countLabels('masks', query)]).toEqual([query, count])
  })

  test('a layer against itself is right everywhere', async () => {
    const input = { dataset: 'masks', predictions: 'truth', dryRun: true }
    expect(await call('evaluation.masks', input)).toMatchObject({
      pooled: { dice: 1, iou: 1 },
      meanDice: 1,
      change: null,
    })
  })
})
