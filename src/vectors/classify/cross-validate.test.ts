import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import type { Matrix } from '../types.ts'
import { crossValidate } from './cross-validate.ts'
import { assignFolds } from './folds.ts'
import { minimise } from './minimise.ts'
import { fitFolds, predictOutOfFold } from './softmax.ts'

/** Unit vectors about as many directions as there are classes. */
function makeClouds(rows: number, classes: number, noise: number): { vectors: Matrix; classOf: Int32Array } {
  const columns = 12
  const rng = createRng('clouds')
  const data = new Float32Array(rows * columns)
  const classOf = Int32Array.from({ length: rows }, (_, row) => row % classes)
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * columns, (row + 1) * columns)
    for (let c = 0; c < columns; c++) own[c] = rng.normal(0, noise) + (c === classOf[row] ? 1 : 0)
    const length = Math.hypot(...own)
    for (let c = 0; c < columns; c++) own[c]! /= length
  }
  return { vectors: { rows, columns, data }, classOf }
}

function bestOf({ columns, data }: Matrix, row: number): number {
  const own = [...data.subarray(row * columns, (row + 1) * columns)]
  return own.indexOf(Math.max(...own))
}

describe('folds', () => {
  it('have equal shares of every class, and keep groups together', () => {
    const cases = fc.record({
      classOf: fc.array(fc.nat(3), { minLength: 10, maxLength: 80 }),
      folds: fc.integer({ min: 2, max: 6 }),
      seed: fc.nat(1000),
    })
    fc.assert(
      fc.property(cases, ({ classOf, folds, seed }) => {
        const given = Int32Array.from(classOf)
        const options = { folds, classes: 4, rng: createRng(seed) }
        const alone = assignFolds(given, null, options)
        for (let k = 0; k < 4; k++) {
          const counts = new Int32Array(folds)
          given.forEach((one, row) => (counts[alone[row]!]! += one === k ? 1 : 0))
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
        }
        const groupOf = given.map((_, row) => (row % 3 === 0 ? -1 : Math.floor(row / 4)))
        const together = assignFolds(given, groupOf, options)
        groupOf.forEach((group, row) => {
          if (group >= 0) expect(together[row]).toBe(together[groupOf.indexOf(group)])
        })
      }),
    )
  })
})

describe('minimise', () => {
  it('finds the bottom of a long valley', async () => {
    const scale = [1, 100, 10_000]
    const found = await minimise(
      async (point) => ({
        value: point.reduce((sum, one, i) => sum + (scale[i]! / 2) * (one - i) ** 2, 0),
        gradient: point.map((one, i) => scale[i]! * (one - i)),
      }),
      new Float64Array(3),
      { iterations: 100, tolerance: 1e-8 },
    )
    found.forEach((one, i) => expect(one).toBeCloseTo(i, 6))
  })
})

describe('logistic regression in folds', () => {
  it('has no slope left at the end, and never looks at its own fold', async () => {
    const { vectors, classOf } = makeClouds(90, 3, 0.5)
    const foldOf = Uint8Array.from(classOf, (_, row) => row % 2)
    const options = { classes: 3, folds: 2, penalty: 0.01, iterations: 200 }
    const models = await fitFolds(vectors, classOf, foldOf, options)
    // Turning the labels of a fold changes the model of the other fold alone.
    const turned = classOf.map((k, row) => (foldOf[row] === 0 ? (k + 1) % 3 : k))
    const others = await fitFolds(vectors, turned, foldOf, options)
    const size = 3 * vectors.columns
    for (let at = 0; at < size; at++) expect(others.weights.data[at]).toBeCloseTo(models.weights.data[at]!, 2)
    expect(Math.abs(others.weights.data[size]! - models.weights.data[size]!)).toBeGreaterThan(0.05)
    // Where the loss is least, the mean probability of a class is its share (the bias is free).
    const { data } = await predictOutOfFold(
      models,
      vectors,
      foldOf.map((fold) => 1 - fold),
      3,
    )
    for (let k = 0; k < 3; k++) {
      const rows = [...classOf.keys()].filter((row) => foldOf[row] === 1)
      const mean = rows.reduce((sum, row) => sum + data[row * 3 + k]!, 0) / rows.length
      expect(mean).toBeCloseTo(rows.filter((row) => classOf[row] === k).length / rows.length, 2)
    }
  })
})

describe('cross-validation', () => {
  it('gives probabilities that know the classes, alike for the same seed', async () => {
    const { vectors, classOf } = makeClouds(200, 4, 0.25)
    const options = { classes: 4, folds: 5, seed: 1 }
    const found = await crossValidate(vectors, classOf, null, options)
    expect(found).toMatchObject({ rows: 200, columns: 4 })
    for (let row = 0; row < 200; row++) {
      const sum = found.data.subarray(row * 4, row * 4 + 4).reduce((total, one) => total + one, 0)
      expect(sum).toBeCloseTo(1, 5)
    }
    const right = [...classOf.keys()].filter((row) => bestOf(found, row) === classOf[row]).length
    expect(right / 200).toBeGreaterThan(0.9)
    expect((await crossValidate(vectors, classOf, null, options)).data).toEqual(found.data)
  })

  it('cannot tell classes that come by chance', async () => {
    const { vectors } = makeClouds(200, 4, 0.25)
    const rng = createRng('chance')
    const classOf = Int32Array.from({ length: 200 }, () => rng.integer(0, 1))
    const found = await crossValidate(vectors, classOf, null, { classes: 2, folds: 5, seed: 1 })
    const right = [...classOf.keys()].filter((row) => bestOf(found, row) === classOf[row]).length
    expect(right / 200).toBeLessThan(0.65)
  })
})
