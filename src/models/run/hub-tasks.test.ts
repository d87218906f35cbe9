import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeColour } from '../testing.ts'
import { writeTinyTaskModel, type TinyTaskModel } from '../testing-hub-tasks.ts'
import type { Runner } from '../types.ts'
import { openRunner } from './open-runner.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-hub-tasks-'))
})
afterAll(() => rm(root, { recursive: true }))

async function withModel<Result>(model: TinyTaskModel, use: (runner: Runner) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(root, 'model-'))
  await writeTinyTaskModel(folder, model)
  const runner = await openRunner({ kind: 'hub', folder }, { threads: 1, maxPixels: 1e6 })
  try {
    return await use(runner)
  } finally {
    await runner.close()
  }
}

/** Softmax over what the tiny detector says of a wholly coloured picture. */
const sure = Math.exp(10) / (Math.exp(10) + Math.exp(3) + 2)

describe('a detector of the hub', () => {
  test('finds boxes in px of the picture, cut at its edges, the best class of each', () =>
    withModel(
      {
        modelType: 'yolos',
        boxes: [
          [0.5, 0.5, 0.5, 0.25],
          [0.9, 0.5, 0.4, 1],
          [2, 2, 0.5, 0.5],
        ],
      },
      async (runner) => {
        const green = await writeColour(join(root, 'green.png'), [0, 255, 0], { width: 40, height: 80 })
        await writeFile(join(root, 'text.png'), 'text')
        const [first, second] = await runner.detect!([{ file: green }, { file: join(root, 'text.png') }], 0.5)
        expect(first).toEqual({
          ok: true,
          boxes: [
            { class: 'green', score: expect.closeTo(sure, 4) as number, x: 10, y: 30, w: 20, h: 20 },
            {
              class: 'green',
              score: expect.closeTo(sure, 4) as number,
              x: expect.closeTo(28, 4) as number,
              y: 0,
              w: expect.closeTo(12, 4) as number,
              h: 80,
            },
          ],
        })
        expect(second).toMatchObject({ ok: false, what: expect.stringMatching(/text\.png/) as string })
        await expect(runner.embed([{ file: green }])).rejects.toMatchObject({ code: 'MODEL_MISMATCH' })
      },
    ))

  test('finds nothing where "no object" is likeliest, and nothing below the score that is asked', () =>
    withModel({ modelType: 'detr', boxes: [[0.5, 0.5, 0.5, 0.5]] }, async (runner) => {
      const black = await writeColour(join(root, 'black.png'), [0, 0, 0])
      const dim = await writeColour(join(root, 'dim.png'), [102, 0, 0])
      const [none, some] = await runner.detect!([{ file: black }, { file: dim }], 0)
      expect(none).toEqual({ ok: true, boxes: [] })
      // Logits 4, 0, 0 and 3.
      const score = Math.exp(4) / (Math.exp(4) + 2 + Math.exp(3))
      expect(some).toMatchObject({ ok: true, boxes: [{ class: 'red', score: expect.closeTo(score, 4) as number }] })
      expect(await runner.detect!([{ file: dim }], 0.9)).toEqual([{ ok: true, boxes: [] }])
    }))

  test('scores each class for itself where it was trained so', () =>
    withModel({ modelType: 'rt_detr', boxes: [[0.5, 0.5, 1, 1]] }, async (runner) => {
      const blue = await writeColour(join(root, 'blue.png'), [0, 0, 51])
      const [found] = await runner.detect!([{ file: blue }], 0)
      const score = 1 / (1 + Math.exp(-2))
      expect(found).toMatchObject({ ok: true, boxes: [{ class: 'blue', score: expect.closeTo(score, 4) as number }] })
    }))

  test.each([
    ['another output', { output: 'scores' }, 'MODEL_INVALID', /expected logits \[1 × boxes × classes\]/],
    ['classes without a name', { config: { id2label: { 0: 'red' } } }, 'MODEL_MISMATCH', /tells 3 classes .* names 1/],
    ['no names at all', { config: { id2label: undefined } }, 'MODEL_INVALID', /id2label/],
    ['boxes of no number', { boxes: [[Number.NaN, 0, 1, 1]] as const }, 'MODEL_OUTPUT', /no numbers/],
  ])('is refused with %s', async (_, change: Partial<TinyTaskModel>, code, message) => {
    const model = { modelType: 'yolos', boxes: [[0.5, 0.5, 1, 1]] as const, ...change }
    await expect(withModel(model, async () => 0)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
  })
})

describe('a segmenter of the hub', () => {
  test.each(['segformer', 'sam'])('is tried when it is opened, and says what it does not do (%s)', (modelType) =>
    withModel({ modelType }, async (runner) => {
      expect(runner.detect).toBeUndefined()
      expect(runner.dimensions).toBe(0)
      await expect(runner.embed([])).rejects.toMatchObject({ code: 'MODEL_MISMATCH' })
    }),
  )

  test.each([
    ['segformer', /expected logits/],
    ['sam', /expected pred_masks and iou_scores/],
  ])('is refused with another output (%s)', async (modelType, message) => {
    await expect(withModel({ modelType, output: 'other' }, async () => 0)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(message) as string,
    })
  })

  test('needs both networks of SAM', async () => {
    const folder = await mkdtemp(join(root, 'model-'))
    await writeTinyTaskModel(folder, { modelType: 'sam' })
    await rm(join(folder, 'onnx/prompt_encoder_mask_decoder.onnx'))
    await expect(openRunner({ kind: 'hub', folder }, { threads: 1, maxPixels: 1e6 })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/vision_encoder\.onnx and onnx\/prompt_encoder_mask_decoder\.onnx/) as string,
    })
  })
})
