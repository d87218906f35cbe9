import { describe, expect, test } from 'vitest'
import { compareGolden, describeGolden } from './answer.ts'

const tolerance = { score: 0.02, iou: 0.9 }
const size = { widthPx: 4, heightPx: 2 }

describe('answers to golden pictures', () => {
  test('what is as recorded has no fault, whatever the task', () => {
    const answer = describeGolden({
      ...size,
      classes: [
        { class: 'a', score: 0.7 },
        { class: 'b', score: 0.3 },
      ],
      values: { width: 120 },
      boxes: [{ class: 'a', score: 0.9, x: 0, y: 0, w: 2, h: 2 }],
      mask: { classes: ['a', 'b'], data: Uint8Array.of(0, 1, 1, 2, 2, 2, 0, 0), scores: [0.9, 0.8] },
      anomaly: { score: 3, threshold: 2, map: { widthPx: 1, heightPx: 1, data: Float32Array.of(3) } },
    })
    expect(answer.mask).toEqual({ classes: ['a', 'b'], runs: [0, 1, 1, 2, 2, 3, 0, 2] })
    expect(compareGolden(answer, JSON.parse(JSON.stringify(answer)) as typeof answer, tolerance)).toEqual([])
  })

  test('another size makes every other comparison moot', () => {
    expect(compareGolden({ ...size }, { widthPx: 5, heightPx: 2 }, tolerance)).toEqual(['size 5 × 2 instead of 4 × 2'])
  })

  test('classes may change places only where they lie together', () => {
    const of = (a: number, b: number) => ({
      ...size,
      classes: [
        { class: 'a', score: a },
        { class: 'b', score: b },
      ].toSorted((one, other) => other.score - one.score),
    })
    expect(compareGolden(of(0.505, 0.495), of(0.495, 0.505), tolerance)).toEqual([])
    expect(compareGolden(of(0.7, 0.3), of(0.6, 0.4), tolerance)).toEqual([
      'a has 0.6 instead of 0.7',
      'b has 0.4 instead of 0.3',
    ])
    expect(compareGolden(of(0.96, 0.04), { ...size, classes: [{ class: 'a', score: 0.97 }] }, tolerance)).toEqual([])
  })

  test('boxes are held against each other by class and place; new ones are told', () => {
    const box = { class: 'a', score: 0.9, x: 0, y: 0, w: 100, h: 100 }
    const of = (...boxes: (typeof box)[]) => ({ ...size, boxes })
    expect(compareGolden(of(box), of({ ...box, x: 2 }), tolerance)).toEqual([])
    expect(compareGolden(of(box), of({ ...box, x: 40 }), tolerance)).toEqual([
      'no box of a at 0, 0',
      '1 new box, of a first',
    ])
    expect(compareGolden(of(box), of({ ...box, score: 0.5 }), tolerance)).toEqual([
      'the box of a at 0, 0 has 0.5 instead of 0.9',
    ])
  })

  test('masks by intersection over union, class by class', () => {
    const of = (data: number[]) =>
      describeGolden({ ...size, mask: { classes: ['a'], data: Uint8Array.from(data), scores: [1] } })
    expect(compareGolden(of([1, 1, 1, 1, 0, 0, 0, 0]), of([1, 1, 1, 0, 0, 0, 0, 0]), tolerance)).toEqual([
      'the mask of a agrees by 0.75',
    ])
    expect(compareGolden(of([0, 0, 0, 0, 0, 0, 0, 0]), of([0, 0, 0, 0, 0, 0, 0, 0]), tolerance)).toEqual([])
    expect(compareGolden(of([1, 0, 0, 0, 0, 0, 0, 0]), { ...size }, tolerance)).toEqual(['there is no mask'])
  })

  test('values relative to their size, anomalies to their threshold', () => {
    expect(compareGolden({ ...size, values: { a: 100 } }, { ...size, values: { a: 101 } }, tolerance)).toEqual([])
    expect(compareGolden({ ...size, values: { a: 100 } }, { ...size, values: { a: 110 } }, tolerance)).toEqual([
      'a is 110 instead of 100',
    ])
    expect(compareGolden({ ...size, values: { a: 1 } }, { ...size, values: {} }, tolerance)).toEqual(['a is missing'])
    const anomaly = (score: number) => ({ ...size, anomaly: { score, threshold: 50 } })
    expect(compareGolden(anomaly(20), anomaly(20.5), tolerance)).toEqual([])
    expect(compareGolden(anomaly(20), anomaly(30), tolerance)).toEqual(['the score of the anomaly is 30 instead of 20'])
  })
})
