import { afterAll, describe, expect, test } from 'vitest'
import type { Prediction } from '#models'
import { writeAnswer } from './describe.ts'
import { createAnswerWriter } from './write.ts'

const seen = (widthPx: number, heightPx: number): Prediction => {
  const data = new Uint8Array(widthPx * heightPx)
  data.fill(1, 3 * widthPx, 5 * widthPx)
  data.fill(2, 7 * widthPx, 7 * widthPx + 9)
  return { widthPx, heightPx, mask: { classes: ['dent', 'crack'], data, scores: [0.75, 0.5] } }
}
const odd = (widthPx: number, heightPx: number): Prediction => ({
  widthPx,
  heightPx,
  anomaly: {
    score: 0.875,
    threshold: 0.5,
    map: { widthPx: 2, heightPx: 2, data: Float32Array.of(0.125, 0.25, 0.5, 0.875) },
  },
})
const options = { mask: 'rle', map: 'png', top: 5 } as const

describe('answers', () => {
  const writer = createAnswerWriter()
  afterAll(() => writer.close())

  test.each([
    ['small', 40, 30],
    ['large', 1_000, 700],
  ])('%s ones are the same wherever they are written', async (_, widthPx, heightPx) => {
    for (const prediction of [seen(widthPx, heightPx), odd(widthPx, heightPx)]) {
      expect({ json: await writer.json(prediction, options) }).toEqual(writeAnswer(prediction, { json: options }))
      const png = await writer.png(prediction, { asMask: false })
      const expected = writeAnswer(prediction, { png: { asMask: false } })
      expect('png' in expected && Buffer.from(expected.png).equals(png)).toBe(true)
    }
  })

  test('many large ones at once all come back, and so they do after the thread was closed', async () => {
    const prediction = seen(1_000, 700)
    const expected = writeAnswer(prediction, { json: options })
    const all = await Promise.all(Array.from({ length: 20 }, () => writer.json(prediction, options)))
    for (const json of all) expect({ json }).toEqual(expected)
    await writer.close()
    expect({ json: await writer.json(prediction, options) }).toEqual(expected)
  })

  test('a PNG of an answer without a picture in it is refused', async () => {
    const named: Prediction = { widthPx: 4_000, heightPx: 3_000, classes: [{ class: 'dent', score: 1 }] }
    await expect(writer.png(named, { asMask: false })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})
