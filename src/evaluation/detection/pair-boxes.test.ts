import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateBoxes } from './coco.ts'
import type { PredictedBoxes, TruthBoxes } from './group.ts'
import { countConfusions, overlapOf, pairBoxes } from './pair-boxes.ts'

interface Drawn {
  image: number
  category: number
  box: [number, number, number, number]
  score?: number
  crowd?: boolean
}

const columns = (drawn: readonly Drawn[]): TruthBoxes & PredictedBoxes => ({
  image: Int32Array.from(drawn, ({ image }) => image),
  category: Int32Array.from(drawn, ({ category }) => category),
  boxes: Float64Array.from(drawn.flatMap(({ box }) => box)),
  area: Float64Array.from(drawn, ({ box }) => box[2] * box[3]),
  crowd: Uint8Array.from(drawn, ({ crowd }) => (crowd === true ? 1 : 0)),
  score: Float64Array.from(drawn, ({ score }) => score ?? 1),
})

function pair(truths: readonly Drawn[], predictions: readonly Drawn[], minScore = 0.5) {
  const [truth, predicted] = [columns(truths), columns(predictions)]
  const { found } = evaluateBoxes(truth, predicted)
  const isSure = Uint8Array.from(predicted.score, (score) => (score >= minScore ? 1 : 0))
  return { truth, predicted, ...pairBoxes(truth, predicted, { found, isSure }) }
}

describe('pairs of boxes', () => {
  test('right, confused, wrong and missed ones are told apart; what is unsure or on a crowd counts nowhere', () => {
    const pairs = pair(
      [
        { image: 1, category: 0, box: [0, 0, 10, 10] },
        { image: 1, category: 1, box: [50, 50, 10, 10] },
        { image: 1, category: 1, box: [80, 80, 10, 10] },
        { image: 2, category: 0, box: [0, 0, 100, 100], crowd: true },
      ],
      [
        { image: 1, category: 0, box: [1, 0, 10, 10], score: 0.9 },
        { image: 1, category: 0, box: [50, 52, 10, 10], score: 0.6 },
        { image: 1, category: 0, box: [51, 50, 10, 10], score: 0.8 },
        { image: 1, category: 1, box: [80, 80, 10, 10], score: 0.4 },
        { image: 2, category: 0, box: [10, 10, 10, 10], score: 0.9 },
      ],
    )
    expect([...pairs.ofPrediction]).toEqual([0, -1, 1, -1, -1])
    expect([...pairs.ofTruth]).toEqual([0, 2, -1, -1])
    expect([...pairs.isJudged]).toEqual([1, 1, 1, 0, 0])
    expect(overlapOf(pairs.predicted, 0, pairs.truth, 0)).toBeCloseTo(90 / 110, 12)
    expect(overlapOf(pairs.predicted, 0, pairs.truth, 2)).toBe(0)
    expect(countConfusions(pairs.truth, pairs.predicted, pairs, 2)).toEqual([
      [1, 0, 0],
      [1, 0, 1],
      [1, 0, 0],
    ])
  })

  test('rows of the matrix are the true boxes, columns the judged predictions, and pairs go both ways', () => {
    const side = fc.integer({ min: 1, max: 12 })
    const drawn = fc.record({
      image: fc.integer({ min: 0, max: 2 }),
      category: fc.integer({ min: 0, max: 2 }),
      box: fc.tuple(side, side, side, side),
      score: fc.constantFrom(0.2, 0.6, 0.9),
      crowd: fc.boolean(),
    })
    fc.assert(
      fc.property(
        fc.array(drawn, { maxLength: 12 }),
        fc.array(
          drawn.map((one) => ({ ...one, crowd: false })),
          { maxLength: 12 },
        ),
        (truths, predictions) => {
          const pairs = pair(truths, predictions)
          const table = countConfusions(pairs.truth, pairs.predicted, pairs, 3)
          const ofClass = (rows: readonly Drawn[], category: number): number =>
            rows.filter((one) => one.category === category).length
          for (let category = 0; category < 3; category++) {
            const row = table[category]!.reduce((sum, count) => sum + count, 0)
            expect(row).toBe(
              ofClass(
                truths.filter(({ crowd }) => !crowd),
                category,
              ),
            )
            const column = table.reduce((sum, counts) => sum + counts[category]!, 0)
            expect(column).toBe(
              ofClass(
                predictions.filter((_, i) => pairs.isJudged[i] === 1),
                category,
              ),
            )
          }
          pairs.ofPrediction.forEach((own, prediction) => {
            if (own >= 0) expect(pairs.ofTruth[own]).toBe(prediction)
          })
        },
      ),
      { numRuns: 200 },
    )
  })
})
