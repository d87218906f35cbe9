import { describe, expect, test } from 'vitest'
import { createRng } from '#base'
import { bootstrapClasses, calibrationError, countPairs, measureClasses, rocArea } from './figures.ts'
import golden from './golden.json' with { type: 'json' }

const pairs = {
  truth: Int32Array.from(golden.truth),
  predicted: Int32Array.from(golden.predicted),
  count: golden.count,
}

describe(`classes against scikit-learn ${golden.versions['scikit-learn']}`, () => {
  const figures = measureClasses(countPairs(pairs), pairs.count)

  test.each(['accuracy', 'balancedAccuracy', 'macroF1', 'weightedF1'] as const)('%s', (name) => {
    expect(figures[name]).toBeCloseTo(golden[name], 12)
  })

  test('each class, and the confusion', () => {
    for (const name of ['precision', 'recall', 'f1'] as const)
      figures.perClass.forEach((one, i) => expect(one[name] ?? 0).toBeCloseTo(golden[name][i]!, 12))
    expect(figures.confusion).toEqual(golden.confusion)
  })

  test('the area under the ROC curve, with ties', () => {
    expect(rocArea(Float64Array.from(golden.scores), Uint8Array.from(golden.positive))).toBeCloseTo(golden.rocArea, 12)
    expect(rocArea(Float64Array.of(0.1, 0.2), Uint8Array.of(1, 1))).toBeNull()
  })
})

test('a bootstrap holds the figure, is narrower with more pictures, and repeats with its seed', () => {
  const { accuracy, macroF1 } = bootstrapClasses(pairs, createRng('a'))
  expect(accuracy.low).toBeLessThan(golden.accuracy)
  expect(accuracy.high).toBeGreaterThan(golden.accuracy)
  // Of a share of 300: 1.96 standard errors to either side.
  const error = Math.sqrt((golden.accuracy * (1 - golden.accuracy)) / 300)
  expect(accuracy.high - accuracy.low).toBeGreaterThan(3.2 * error)
  expect(accuracy.high - accuracy.low).toBeLessThan(4.6 * error)
  expect(bootstrapClasses(pairs, createRng('a'))).toEqual({ accuracy, macroF1 })
  expect(bootstrapClasses(pairs, createRng('b'))).not.toEqual({ accuracy, macroF1 })
})

test('the calibration error is the gap between score and accuracy', () => {
  const right = Uint8Array.of(1, 1, 1, 0)
  expect(calibrationError(Float64Array.of(0.75, 0.75, 0.75, 0.75), right)).toBeCloseTo(0, 12)
  expect(calibrationError(Float64Array.of(0.95, 0.95, 0.95, 0.95), right)).toBeCloseTo(0.2, 12)
  expect(calibrationError(Float64Array.of(1, 0), Uint8Array.of(1, 0))).toBe(0)
})
