import { describe, expect, test } from 'vitest'
import { evaluateBoxes } from './coco.ts'
import golden from './golden.json' with { type: 'json' }
import type { PredictedBoxes, TruthBoxes } from './group.ts'

function readTruths(rows: readonly number[][]): TruthBoxes {
  return {
    image: Int32Array.from(rows, (row) => row[0]!),
    category: Int32Array.from(rows, (row) => row[1]!),
    boxes: Float64Array.from(rows.flatMap((row) => row.slice(2, 6))),
    area: Float64Array.from(rows, (row) => row[6]!),
    crowd: Uint8Array.from(rows, (row) => row[7]!),
  }
}

function readPredictions(rows: readonly number[][]): PredictedBoxes {
  return {
    image: Int32Array.from(rows, (row) => row[0]!),
    category: Int32Array.from(rows, (row) => row[1]!),
    boxes: Float64Array.from(rows.flatMap((row) => row.slice(2, 6))),
    score: Float64Array.from(rows, (row) => row[6]!),
  }
}

const oneBox = readTruths([[1, 1, 10, 10, 20, 20, 400, 0]])

describe(`boxes against pycocotools ${golden.versions.pycocotools}`, () => {
  const result = evaluateBoxes(readTruths(golden.truths), readPredictions(golden.predictions))

  test.each(Object.entries(golden.figures))('%s', (name, value) => {
    expect(result.figures[name as keyof typeof result.figures]).toBeCloseTo(value, 9)
  })

  test('average precision by category', () => {
    for (const [category, value] of Object.entries(golden.categories))
      expect(result.categories.find((one) => one.category === Number(category))?.ap).toBeCloseTo(value, 9)
  })

  test('a true box that counts is found once at most', () => {
    const truths = readTruths(golden.truths)
    const counted = [...result.found].filter((row) => row >= 0 && truths.crowd[row] === 0)
    expect(new Set(counted).size).toBe(counted.length)
  })
})

describe('evaluateBoxes', () => {
  test('a perfect answer has precision and recall 1', () => {
    const { figures, found } = evaluateBoxes(oneBox, readPredictions([[1, 1, 10, 10, 20, 20, 0.9]]))
    expect(figures).toMatchObject({ apLarge: null, ar1: 1 })
    for (const figure of [figures.ap, figures.ap50, figures.apSmall]) expect(figure).toBeCloseTo(1, 12)
    expect([...found]).toEqual([0])
  })

  test('no prediction is precision 0, no true box is nothing to measure', () => {
    expect(evaluateBoxes(oneBox, readPredictions([])).figures).toMatchObject({ ap: 0, ar100: 0, apMedium: null })
    const none = evaluateBoxes(readTruths([]), readPredictions([[1, 1, 10, 10, 20, 20, 0.9]]))
    expect(none.figures.ap).toBeNull()
    expect(none.categories).toEqual([])
    expect([...none.found]).toEqual([-1])
  })

  test('the second prediction of a box is wrong', () => {
    const { figures, found } = evaluateBoxes(
      readTruths([
        [1, 1, 10, 10, 20, 20, 400, 0],
        [1, 1, 100, 10, 20, 20, 400, 0],
      ]),
      readPredictions([
        [1, 1, 10, 10, 20, 20, 0.9],
        [1, 1, 11, 10, 20, 20, 0.8],
        [1, 1, 100, 10, 20, 20, 0.7],
      ]),
    )
    expect([...found]).toEqual([0, -1, 1])
    // Precision 1 up to recall 0.5 (51 of 101 steps), then 2 of 3.
    expect(figures.ap50).toBeCloseTo((51 + 50 * (2 / 3)) / 101, 9)
  })
})
