import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRng } from '#base'
import type { Matrix } from '../types.ts'
import { fitPca, projectPca, type Pca } from './pca.ts'
import { makePatches } from './testing.ts'

interface Golden {
  pca: { made: { rows: number; columns: number; patches: number }; axes: number[][]; variance: number[] }
}

function dotAxes({ axes }: Pca, i: number, j: number): number {
  let sum = 0
  for (let d = 0; d < axes.columns; d++) sum += axes.data[i * axes.columns + d]! * axes.data[j * axes.columns + d]!
  return sum
}

it('finds the axes and shares of variance that scikit-learn finds', async () => {
  const golden = JSON.parse(await readFile(new URL('golden.json', import.meta.url), 'utf8')) as Golden
  const { made, axes, variance } = golden.pca
  const pca = await fitPca(makePatches(made.rows, made.columns, made.patches), { components: 5, rng: createRng(1) })
  axes.forEach((axis, i) => {
    axis.forEach((value, d) => expect(pca.axes.data[i * made.columns + d]).toBeCloseTo(value, 3))
    expect(pca.variance[i]).toBeCloseTo(variance[i]!, 5)
  })
})

it('projects so that coordinates have mean 0 and the variance it told, across blocks', async () => {
  const vectors = makePatches(5000, 40, 6)
  const pca = await fitPca(vectors, { components: 3, rng: createRng(2) })
  const { rows, columns, data } = await projectPca(pca, vectors)
  expect([rows, columns]).toEqual([5000, 3])
  let total = 0
  for (let i = 0; i < vectors.data.length; i++) total += (vectors.data[i]! - pca.mean[i % 40]!) ** 2
  for (let c = 0; c < 3; c++) {
    let sum = 0
    let square = 0
    for (let r = 0; r < rows; r++) {
      sum += data[r * 3 + c]!
      square += data[r * 3 + c]! ** 2
    }
    expect(sum / rows).toBeCloseTo(0, 5)
    expect(square / total).toBeCloseTo(pca.variance[c]!, 4)
  }
})

it('finds nearly the same from a sample of the rows', async () => {
  const vectors = makePatches(4000, 32, 4)
  const [all, some] = await Promise.all([
    fitPca(vectors, { components: 2, rng: createRng(3) }),
    fitPca(vectors, { components: 2, rng: createRng(3), sampleRows: 1000 }),
  ])
  expect(some.mean).not.toEqual(all.mean)
  for (let c = 0; c < 2; c++) {
    let dot = 0
    for (let d = 0; d < 32; d++) dot += all.axes.data[c * 32 + d]! * some.axes.data[c * 32 + d]!
    expect(dot).toBeGreaterThan(0.98)
  }
})

it('gives orthonormal axes with positive largest entries for any vectors, even all alike', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 30 }),
      async (rows, columns, values) => {
        const data = Float32Array.from({ length: rows * columns }, (_, i) => values[i % values.length]! / 8)
        const components = Math.min(3, columns)
        const pca = await fitPca({ rows, columns, data }, { components, rng: createRng(4) })
        for (let i = 0; i < components; i++) {
          for (let j = 0; j <= i; j++) expect(dotAxes(pca, i, j)).toBeCloseTo(i === j ? 1 : 0, 4)
          const axis = [...pca.axes.data.subarray(i * columns, (i + 1) * columns)]
          expect(Math.max(...axis)).toBe(Math.max(...axis.map(Math.abs)))
        }
        expect(pca.variance.reduce((sum, v) => sum + v, 0)).toBeLessThan(1.0001)
      },
    ),
    { numRuns: 60 },
  )
})

it('says what is wrong with its input, and stops when told', async () => {
  const rng = createRng(5)
  const none: Matrix = { rows: 0, columns: 4, data: new Float32Array(0) }
  await expect(fitPca(none, { components: 2, rng })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  const vectors = makePatches(20, 4, 2)
  await expect(fitPca(vectors, { components: 5, rng })).rejects.toThrow('Expected 1 to 4 principal components, got 5.')
  const pca = await fitPca(vectors, { components: 2, rng })
  await expect(projectPca(pca, makePatches(3, 5, 2))).rejects.toThrow('Expected vectors of 4 numbers, got 5.')
  const signal = AbortSignal.abort()
  await expect(fitPca(vectors, { components: 2, rng }, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
})
