import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EvaluationResult } from '#contract'
import { floats, node } from '#models'
import {
  encodeBoxNetwork,
  encodeColourNetwork,
  encodeEchoNetwork,
  encodeNetwork,
  meanColour,
  writeTaskModel,
} from '../src/models/tasks/testing.ts'
import { openRooms, type Rooms } from './support/rooms.ts'

let root: string
let rooms: Rooms
const call: Rooms['call'] = (id, input, context) => rooms.call(id, input, context)
const count = async (query: string): Promise<number> =>
  (await call<{ count: number }>('query.count', { dataset: 'colours', query })).count

async function register(name: string, model: Parameters<typeof writeTaskModel>[1]): Promise<void> {
  const folder = await mkdtemp(join(root, 'model-'))
  await writeTaskModel(folder, model)
  await rooms.registry.register(folder, { model: name, actor: 'test', metrics: {}, run: null, data: null })
}

const scored = 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"'
const colours = {
  task: 'classification',
  output: scored,
  network: encodeColourNetwork(),
  classes: ['red', 'green', 'blue'],
}
const shades = { red: '#f00', green: '#0f0', blue: '#00f' } as const

/** Twelve pictures of each colour; every second green one lies in the folder of red ones. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-judge-'))
  for (const [name, shade] of Object.entries(shades))
    for (let i = 0; i < 12; i++) {
      const folder = join(root, 'pictures', name === 'green' && i % 2 === 1 ? 'red' : name)
      await mkdir(folder, { recursive: true })
      await sharp({ create: { width: 16 + i, height: 12, channels: 3, background: shade } })
        .png()
        .toFile(join(folder, `${name}-${i}.png`))
    }
  rooms = await openRooms(root)
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'colours' })
  await register('painter', colours)
  await register('mixer', { ...colours, classes: ['red', 'blue', 'green'] })
}, 120_000)
afterAll(async () => {
  await rooms.close()
  await rm(root, { recursive: true, force: true })
})

const evaluate = (input: object): Promise<EvaluationResult & { run: string; change: string | null }> =>
  call('evaluation.model', { dataset: 'colours', rounds: 200, ...input })

describe('evaluation.model', () => {
  test('judges classes with intervals, confusion, reliability and outcomes that queries find', async () => {
    const result = await evaluate({ model: 'painter' })
    expect(result).toMatchObject({ model: 'painter:1', task: 'classification', samples: 36, main: 'accuracy' })
    const { accuracy } = result.figures
    expect(accuracy!.value).toBeCloseTo(30 / 36, 10)
    expect(accuracy!.low).toBeLessThan(30 / 36)
    expect(accuracy!.high).toBeGreaterThan(30 / 36)
    const at = (name: string): number => result.confusion!.classes.indexOf(name)
    expect(result.confusion!.counts[at('red')]![at('green')]).toBe(6)
    expect(result.reliability!.reduce((sum, bin) => sum + bin.count, 0)).toBe(36)
    for (const { query, samples } of result.outcomes) expect(await count(query!)).toBe(samples)
    expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['right', 'red taken for green'])
    expect(result.labels!.outcomes.map(({ outcome, labels }) => [outcome, labels])).toEqual([
      ['tp', 30],
      ['confused', 6],
      ['fp', 0],
      ['fn', 0],
    ])
    // Each picture has one label on either side.
    for (const { query, labels } of result.labels!.outcomes) expect(await count(query)).toBe(labels)
    const taken = 'layer("painter_1").labels[class = "green" and painter_1_eval_class = "red"]'
    expect(await count(`${taken} and labels[painter_1_eval = "confused"]`)).toBe(6)
    // The same once more is no change.
    expect((await evaluate({ model: 'painter' })).change).toBeNull()
  })

  test('finds the worst slices by itself, each with a query that finds them', async () => {
    const result = await evaluate({ model: 'painter', support: 6 })
    const worst = result.worst[0]!
    expect(worst.value).toBeLessThan(0.6)
    expect(worst.apart).toBe(true)
    expect(worst.high).toBeGreaterThanOrEqual(worst.value!)
    for (const { query, samples } of result.worst) expect(await count(query)).toBe(samples)
    expect(result.worst.some(({ name }) => name.startsWith('green ='))).toBe(true)
  })

  test('judges slices that are asked for: saved ones, and fields by quartiles or values', async () => {
    await call('slice.save', { dataset: 'colours', name: 'reds', query: 'class = "red"' })
    const { slices } = await evaluate({ model: 'painter', slices: ['reds', 'width'], query: 'width < 26' })
    expect(slices[0]).toMatchObject({ name: 'reds', samples: 15, query: '(width < 26) and (class = "red")' })
    expect(slices.slice(1).reduce((sum, slice) => sum + slice.samples, 0)).toBe(30)
    for (const { query, samples } of slices) expect(await count(query)).toBe(samples)
    await expect(evaluate({ model: 'painter', slices: ['nothing'] })).rejects.toMatchObject({ code: 'FIELD_NOT_FOUND' })
  })

  test('keeps the result as a run, beside the version of the model, and shows it', async () => {
    const result = await evaluate({ model: 'painter', query: 'class = "blue"' })
    const run = await rooms.runs.find(result.run)
    expect(run).toMatchObject({ kind: 'evaluate', state: 'done', model: 'painter:1', metrics: { accuracy: 1 } })
    const kept = await readFile(await rooms.runs.artefactFile(result.run, 'evaluation.json'), 'utf8')
    const shown = await call('evaluation.show', { model: 'painter' })
    expect(shown).toEqual(JSON.parse(kept))
    expect(shown).toMatchObject({ query: 'class = "blue"', samples: 12 })
    await expect(call('evaluation.show', { model: 'mixer' })).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })

  test('draws the same intervals from the same seed', async () => {
    const ask = (seed: number) => evaluate({ model: 'painter', seed, dryRun: true })
    const [one, again, other] = [await ask(1), await ask(1), await ask(2)]
    expect(again.figures).toEqual(one.figures)
    expect(other.figures).not.toEqual(one.figures)
    expect(one.change).toBeNull()
  })

  test('judges what was predicted into a layer without running the model', async () => {
    await call('models.predict', { dataset: 'colours', model: 'painter', layer: 'said' })
    const [run, read] = [await evaluate({ model: 'painter' }), await evaluate({ model: 'painter', layer: 'said' })]
    expect(read.figures['macroF1']).toEqual(run.figures['macroF1'])
    expect(read.layer).toBe('said')
    expect(read.labels!.outcomes.map(({ labels }) => labels)).toEqual(run.labels!.outcomes.map(({ labels }) => labels))
    expect(await count('layer("said").labels[said_eval = "confused"] and labels[said_eval = "confused"]')).toBe(6)
  })

  test('does not write over labels that came from elsewhere', async () => {
    await call('models.predict', { dataset: 'colours', model: 'mixer', layer: 'mixer_1' })
    await expect(evaluate({ model: 'mixer' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('the layer mixer_1') as string,
    })
    expect(await evaluate({ model: 'mixer', dryRun: true })).toMatchObject({ labels: null, change: null })
    const { labels } = await evaluate({ model: 'mixer', layer: 'mixer_1' })
    expect(labels).toMatchObject({ attribute: 'mixer_1_eval', layer: 'mixer_1' })
  })

  test('records a run that failed, and one that was cancelled', async () => {
    await expect(evaluate({ model: 'painter', query: 'width > 1000' })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const controller = new AbortController()
    controller.abort()
    await expect(
      call('evaluation.model', { dataset: 'colours', model: 'painter' }, { signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'CANCELLED' })
    const states = (await rooms.runs.list()).map(({ state }) => state)
    expect(states).toContain('failed')
    expect(states).toContain('cancelled')
  })

  test('judges numbers against the fields of their names', async () => {
    await register('meter', {
      task: 'regression',
      output: 'values = "colour"\nnames = ["red", "green", "blue"]',
      network: encodeColourNetwork(),
    })
    const { figures, main } = await evaluate({ model: 'meter' })
    expect(main).toBe('mae')
    expect(figures['mae']!.value).toBeLessThan(0.01)
    expect(figures['r2']!.value).toBeGreaterThan(0.99)
  })

  test('judges several classes a picture', async () => {
    await register('tagger', {
      ...colours,
      task: 'multilabel',
      output: 'scores = "colour"\nclasses = "classes.json"\nthreshold = 0.5',
    })
    const result = await evaluate({ model: 'tagger' })
    expect(result.figures['exact']!.value).toBeCloseTo(30 / 36, 10)
    expect(result.figures['microF1']!.value).toBeCloseTo(30 / 36, 10)
    expect(result.outcomes.map(({ outcome }) => outcome)).toContain('red missed, green wrong')
    const missed = 'labels[class = "red" and tagger_1_eval = "fn"]'
    expect(await count(`${missed} and layer("tagger_1").labels[class = "green" and tagger_1_eval = "fp"]`)).toBe(6)
  })

  test('judges anomalies by score', async () => {
    await register('odd', {
      task: 'anomaly',
      output: 'score = "score"\nthreshold = 0.5',
      network: encodeNetwork({
        nodes: [...meanColour, node('MatMul', ['colour', 'blueness'], 'score')],
        initializers: [floats('blueness', [3, 1], [0, 0, 1])],
        outputs: { score: ['n', 1] },
      }),
    })
    const result = await evaluate({ model: 'odd', normal: ['Red', 'green'] })
    expect(result.figures['auroc']!.value).toBe(1)
    expect(result.figures['f1']!.value).toBe(1)
    expect(
      await count('labels[class = "blue" and odd_1_eval = "tp"] and layer("odd_1").labels[odd_1_eval = "tp"]'),
    ).toBe(12)
    const all = await evaluate({ model: 'odd', normal: ['blue'] })
    expect(all.labels!.outcomes.map(({ outcome, labels }) => [outcome, labels])).toEqual([
      ['tp', 0],
      ['confused', 0],
      ['fp', 12],
      ['fn', 24],
    ])
    await call('models.predict', { dataset: 'colours', model: 'odd', layer: 'oddity', addClasses: true })
    const read = await evaluate({ model: 'odd', normal: ['blue'], layer: 'oddity' })
    expect(read.labels!.outcomes.map(({ labels }) => labels)).toEqual([0, 0, 12, 24])
    expect(await count('layer("oddity").labels[oddity_eval = "fp"]')).toBe(12)
    expect(result.curves.map(({ name }) => name)).toEqual(['roc anomaly', 'precision-recall anomaly'])
  })
})

describe('pictures with places', () => {
  beforeAll(async () => {
    const folder = join(root, 'halves')
    await mkdir(folder)
    const names = ['0.png', '1.png', '2.png', '3.png']
    for (const [i, name] of names.entries())
      await sharp({ create: { width: 16, height: 16 + i, channels: 3, background: '#f00' } })
        .composite([
          {
            input: { create: { width: 8, height: 16 + i, channels: 3, background: '#00f' } },
            left: i < 3 ? 8 : 0,
            top: 0,
          },
        ])
        .png()
        .toFile(join(folder, name))
    await writeFile(
      join(folder, 'labels.json'),
      JSON.stringify({
        images: names.map((name, i) => ({ id: i + 1, file_name: name, width: 16, height: 16 + i })),
        categories: [{ id: 1, name: 'blue' }],
        annotations: names.map((_, i) => ({
          id: i + 1,
          image_id: i + 1,
          category_id: 1,
          bbox: [8, 0, 8, 16 + i],
          area: 8 * (16 + i),
          iscrowd: 0,
          segmentation: [[8, 0, 16, 0, 16, 16 + i, 8, 16 + i]],
        })),
      }),
    )
    await call('dataset.import', { path: join(folder, 'labels.json'), dataset: 'halves' })
  }, 120_000)

  test('judges masks by pixels and boundaries', async () => {
    await register('painter-of-blue', {
      task: 'segmentation',
      output: 'scores = "maps"\nclasses = "classes.json"',
      network: encodeEchoNetwork(),
      classes: ['green', 'blue'],
    })
    const result = await evaluate({ model: 'painter-of-blue', dataset: 'halves' })
    const [all, wrong] = [16 + 17 + 18 + 19, 19]
    expect(result.figures['dice']!.value).toBeCloseTo((all - wrong) / all, 10)
    expect(result.figures['boundaryF']!.value).toBeCloseTo(1, 10)
    expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['right', 'poor'])
    expect(result.fields).toEqual(['painter_of_blue_1_outcome', 'painter_of_blue_1_dice'])
    // Pictures: three blue halves are found; one is missed, and blue said to be elsewhere.
    expect(result.confusion).toEqual({
      classes: ['green', 'blue', '(none)'],
      counts: [
        [0, 0, 0],
        [0, 3, 1],
        [0, 1, 0],
      ],
    })
    const find = (query: string) => call('query.count', { dataset: 'halves', query })
    expect(await find('labels[kind = "polygon" and painter_of_blue_1_eval = "tp"]')).toEqual({ count: 3 })
    expect(await find('labels[painter_of_blue_1_eval = "fn"]')).toEqual({ count: 1 })
    expect(await find('layer("painter_of_blue_1").labels[kind = "mask" and painter_of_blue_1_eval = "fp"]')).toEqual({
      count: 1,
    })
    await call('models.predict', { dataset: 'halves', model: 'painter-of-blue', layer: 'drawn', addClasses: true })
    const read = await evaluate({ model: 'painter-of-blue', dataset: 'halves', layer: 'drawn' })
    expect(read.labels!.outcomes.map(({ labels }) => labels)).toEqual(
      result.labels!.outcomes.map(({ labels }) => labels),
    )
    expect(await find('layer("drawn").labels[drawn_eval = "fp"]')).toEqual({ count: 1 })
  })

  test('judges boxes as COCO does', async () => {
    await register('boxer', {
      task: 'detection',
      output: 'boxes = "boxes"\nscores = "scores"\nclasses = "classes.json"',
      network: encodeBoxNetwork([4, 0, 8, 8, 0, 0, 2, 2], [0.9, 0.6]),
      classes: ['blue'],
    })
    const result = await evaluate({ model: 'boxer', dataset: 'halves', minScore: 0.5 })
    expect(result.figures['ap50']!.value).toBe(1)
    expect(result.figures['ap']!.value).toBe(1)
    expect(result.figures['precision']!.value).toBe(0.5)
    expect(result.figures['recall']!.value).toBe(1)
    expect(result.outcomes).toMatchObject([{ outcome: 'false alarm', samples: 4 }])
    expect(result.confusion).toEqual({
      classes: ['blue', '(none)'],
      counts: [
        [4, 0],
        [4, 0],
      ],
    })
    const find = (query: string) => call('query.count', { dataset: 'halves', query })
    expect(await find('labels[boxer_1_eval = "tp" and boxer_1_eval_iou = 1]')).toEqual({ count: 4 })
    expect(await find('layer("boxer_1").labels[boxer_1_eval = "fp" and score < 0.7]')).toEqual({ count: 4 })
    await call('history.undo', { change: result.change })
    expect(await find('labels[boxer_1_eval exists] or layer("boxer_1").labels')).toEqual({ count: 0 })
  })
})

describe('evaluation.compare', () => {
  test('pairs two models over the same samples and lists what flipped', async () => {
    const result = await call<{
      figures: Record<string, { difference: number; low: number; high: number }>
      mcnemar: { p: number }
      queries: { lost: string; gained: string }
      lost: { before: string; after: string }[]
    }>('evaluation.compare', { dataset: 'colours', before: 'painter', after: 'mixer', rounds: 200 })
    // What is blue was right before, and so were the greens that lie among the green.
    expect(result).toMatchObject({
      before: 'painter:1',
      after: 'mixer:1',
      samples: 36,
      mcnemar: { lost: 18, gained: 0 },
    })
    expect(result.figures['accuracy']!.difference).toBeCloseTo(-0.5, 10)
    expect(result.figures['accuracy']!.high).toBeLessThan(0)
    expect(result.mcnemar.p).toBeCloseTo(2 ** -17, 12)
    expect(await count(result.queries.lost)).toBe(18)
    expect(await count(result.queries.gained)).toBe(0)
    expect(result.lost[0]!.before).toBe('right')
  })

  test('finds no difference between a model and itself', async () => {
    const result = await call<{ figures: Record<string, object> }>('evaluation.compare', {
      dataset: 'colours',
      before: 'painter',
      after: 'painter:1',
      rounds: 50,
    })
    expect(result.figures['accuracy']).toMatchObject({ difference: 0, low: 0, high: 0 })
    expect(result).toMatchObject({ mcnemar: { lost: 0, gained: 0, p: 1 } })
  })

  test('refuses models of different tasks', async () => {
    await expect(
      call('evaluation.compare', { dataset: 'colours', before: 'painter', after: 'meter' }),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})
