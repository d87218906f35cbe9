import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tinyDimensions, writeTinyHubModel } from '../testing-hub.ts'
import type { Runner } from '../types.ts'
import { openRunner } from './open-runner.ts'
import { loadTransformers } from './transformers.ts'

let root: string
const picture = (name: string): string => join(root, name)
const open = (folder: string): Promise<Runner> =>
  openRunner({ kind: 'hub', folder }, { threads: 1, maxPixels: 1_000_000 })

async function withModel<Result>(
  model: Parameters<typeof writeTinyHubModel>[1],
  use: (runner: Runner) => Promise<Result>,
) {
  const folder = await mkdtemp(join(root, 'model-'))
  await writeTinyHubModel(folder, model)
  const runner = await open(folder)
  try {
    return await use(runner)
  } finally {
    await runner.close()
  }
}

async function embedOne(runner: Runner, file: string): Promise<{ vector: number[]; norm: number }> {
  const [answer] = await runner.embed([{ file: picture(file) }])
  if (answer?.ok !== true) throw new Error(`no vector of ${file}`)
  return { vector: Array.from(answer.vector), norm: answer.norm }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-hub-'))
  const flat = (r: number, g: number, b: number) =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: { r, g, b } } })
  await flat(255, 0, 0).png().toFile(picture('red.png'))
  await flat(0, 51, 0).png().toFile(picture('dark-green.png'))
  await flat(0, 0, 0).png().toFile(picture('black.png'))
  await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } })
    .composite([{ input: { create: { width: 20, height: 20, channels: 3, background: 'blue' } }, left: 20, top: 0 }])
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .withMetadata({ orientation: 6 })
    .toFile(picture('turned.jpg'))
  await writeFile(picture('broken.png'), 'this is no picture')
})
afterAll(() => rm(root, { recursive: true }))

describe('openHubRunner', () => {
  test('gives unit vectors of pictures and the length before', () =>
    withModel({ modelType: 'clip', config: { projection_dim: 4 } }, async (runner) => {
      expect(runner.dimensions).toBe(tinyDimensions)
      const red = await embedOne(runner, 'red.png')
      expect(red.vector).toEqual([1, 0, 0, 0])
      expect(red.norm).toBeCloseTo(2, 5)
      const green = await embedOne(runner, 'dark-green.png')
      expect(green.vector).toEqual([0, 1, 0, 0])
      expect(green.norm).toBeCloseTo(3 * 0.2, 5)
      expect(await embedOne(runner, 'black.png')).toEqual({ vector: [0, 0, 0, 0], norm: 0 })
    }))

  test('sees grey pictures, with 8 bits or 16, as colours that are alike', () =>
    withModel({ modelType: 'clip' }, async (runner) => {
      const raw = { width: 9, height: 30, channels: 1 as const }
      const grey8 = sharp(Buffer.alloc(270, 102), { raw }).toColourspace('b-w')
      await grey8.png().toFile(picture('grey.png'))
      const grey16 = sharp(new Uint16Array(270).fill(102 * 257), { raw }).toColourspace('grey16')
      await grey16.png().toFile(picture('grey16.png'))
      expect((await sharp(picture('grey16.png')).metadata()).depth).toBe('ushort')
      for (const file of ['grey.png', 'grey16.png']) {
        const { vector, norm } = await embedOne(runner, file)
        expect(norm).toBeCloseTo(0.4 * Math.hypot(2, 3, 4), 2)
        expect(vector[2]! / vector[0]!).toBeCloseTo(2, 2)
      }
    }))

  test('shrinks with all pixels, so that fine texture becomes its mean', () =>
    withModel({ modelType: 'clip' }, async (runner) => {
      const board = Buffer.from(
        Uint8Array.from({ length: 96 * 96 }, (_, i) => (((i % 96) + Math.floor(i / 96)) % 2) * 255),
      )
      await sharp(board, { raw: { width: 96, height: 96, channels: 1 } })
        .png()
        .toFile(picture('board.png'))
      const { norm } = await embedOne(runner, 'board.png')
      expect(norm / Math.hypot(2, 3, 4)).toBeCloseTo(0.5, 2)
    }))

  test('answers in the order of the tasks, with what is wrong for files that cannot be read', () =>
    withModel({ modelType: 'clip' }, async (runner) => {
      const files = ['dark-green.png', 'broken.png', 'red.png', 'gone.png']
      const answers = await runner.embed(files.map((file) => ({ file: picture(file) })))
      expect(
        answers.map((answer) => (answer.ok ? Array.from(answer.vector).indexOf(1) : answer.what.includes(root))),
      ).toEqual([1, true, 0, true])
      expect(answers[1]).toMatchObject({ ok: false, fix: expect.stringMatching(/\w+ .*\.$/) })
    }))

  test('sees pictures the way their orientation says, and regions of what is seen', () =>
    withModel({ modelType: 'clip' }, async (runner) => {
      // 20 × 40 as seen: turned clockwise, the red left half is on top.
      const [top, bottom] = await runner.embed([
        { file: picture('turned.jpg'), region: { x: 0, y: 0, width: 20, height: 16 } },
        { file: picture('turned.jpg'), region: { x: 0, y: 24, width: 20, height: 30 } },
      ])
      expect(top?.ok === true && top.vector[0]).toBeGreaterThan(0.99)
      expect(bottom?.ok === true && bottom.vector[2]).toBeGreaterThan(0.99)
    }))

  test.each(['clip', 'siglip'])('puts texts into the space of pictures (%s)', (modelType) =>
    withModel({ modelType, config: { vision_config: { hidden_size: 4 } } }, async (runner) => {
      const texts = ['Red', 'green green', 'green and blue', `${'red '.repeat(16)}${'green '.repeat(99)}`]
      const vectors = await runner.embedTexts!(texts)
      expect(vectors.map((vector) => Array.from(vector, (value) => Math.round(value * 1000) / 1000))).toEqual([
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0.577, 0.577, 0.577],
        [1, 0, 0, 0],
      ])
      expect((await embedOne(runner, 'red.png')).vector).toEqual(Array.from(vectors[0]!))
      expect(await runner.embedTexts!([])).toEqual([])
    }),
  )

  test('takes the class token of DINO, and the mean over tokens where there is none', async () => {
    const config = { hidden_size: 4 }
    const token = await withModel({ modelType: 'dinov2', config }, (runner) => embedOne(runner, 'red.png'))
    expect(token.vector).toEqual([1, 0, 0, 0])
    const mean = await withModel({ modelType: 'ijepa', config }, (runner) => embedOne(runner, 'red.png'))
    expect(mean.vector[0]).toBeCloseTo(Math.SQRT1_2, 5)
    expect(mean.vector[1]).toBeCloseTo(Math.SQRT1_2, 5)
    expect(mean.norm).toBeCloseTo(Math.SQRT2, 5)
  })

  test('reads no text without a network for it', () =>
    withModel({ modelType: 'vit', config: { hidden_size: 4 }, variant: '_quantized' }, async (runner) => {
      expect(runner.embedTexts).toBeUndefined()
      expect((await embedOne(runner, 'red.png')).norm).toBeCloseTo(2, 5)
    }))

  test('gives one picture at a time to a network that takes no more', () =>
    withModel({ modelType: 'clip', fixedBatch: true }, async (runner) => {
      const answers = await runner.embed([{ file: picture('red.png') }, { file: picture('dark-green.png') }])
      expect(answers.map((answer) => answer.ok && Array.from(answer.vector).indexOf(1))).toEqual([0, 1])
    }))

  test('refuses values that are no numbers', async () => {
    const weights = [Number.NaN, ...Array.from({ length: 11 }, () => 1)]
    await expect(withModel({ modelType: 'clip', weights }, async () => 0)).rejects.toMatchObject({
      code: 'MODEL_OUTPUT',
    })
  })

  test('refuses a network that was exported as a classifier', async () => {
    const model = { modelType: 'vit', config: { hidden_size: 4 }, output: 'logits' }
    await expect(withModel(model, async () => 0)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('answers with logits'),
    })
  })

  test('refuses a file that is no network, and preprocessing that cannot be followed', async () => {
    const folder = await mkdtemp(join(root, 'model-'))
    await writeTinyHubModel(folder, { modelType: 'clip' })
    await writeFile(join(folder, 'preprocessor_config.json'), '{"do_resize": true, "size": {"odd": 1}}')
    await expect(open(folder)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('preprocessor_config.json'),
    })
    await writeTinyHubModel(folder, { modelType: 'clip' })
    await writeFile(join(folder, 'onnx/vision_model.onnx'), 'no network')
    await expect(open(folder)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('onnx/vision_model.onnx'),
    })
  })

  test('says so when only texts fail: their network is opened when it is needed', async () => {
    const folder = await mkdtemp(join(root, 'model-'))
    await writeTinyHubModel(folder, { modelType: 'clip' })
    await writeFile(join(folder, 'tokenizer.json'), '{}')
    const runner = await open(folder)
    expect((await embedOne(runner, 'red.png')).norm).toBeCloseTo(2, 5)
    await expect(runner.embedTexts!(['red'])).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    await runner.close()
  })

  test('neither fetches nor caches anything', async () => {
    const { env, AutoConfig } = await loadTransformers()
    expect(env).toMatchObject({
      allowRemoteModels: false,
      useFSCache: false,
      useBrowserCache: false,
      useWasmCache: false,
    })
    await expect(AutoConfig.from_pretrained('owner/name')).rejects.toThrow('not found locally')
    await expect(env.fetch('http://127.0.0.1:9/')).rejects.toThrow('Nothing is fetched')
  })
})
