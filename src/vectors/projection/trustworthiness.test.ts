import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createRng } from '#base'
import type { Matrix } from '../types.ts'
import { makePatches, takeTwoColumns } from './testing.ts'
import { measureTrustworthiness } from './trustworthiness.ts'

interface Golden {
  trustworthiness: { made: { rows: number; columns: number; patches: number }; values: Record<string, number> }
}

const rng = createRng(1)

it('equals scikit-learn when every row is asked', async () => {
  const golden = JSON.parse(await readFile(new URL('golden.json', import.meta.url), 'utf8')) as Golden
  const { made, values } = golden.trustworthiness
  const vectors = makePatches(made.rows, made.columns, made.patches)
  expect(Object.keys(values)).toHaveLength(3)
  for (const [k, value] of Object.entries(values)) {
    const ours = await measureTrustworthiness(vectors, takeTwoColumns(vectors), { k: Number(k), rng })
    expect(Math.abs(ours - value)).toBeLessThan(1e-6)
  }
})

it('is estimated well from a sample', async () => {
  const vectors = makePatches(1500, 16, 5)
  const layout = takeTwoColumns(vectors)
  const exact = await measureTrustworthiness(vectors, layout, { rng })
  const estimate = await measureTrustworthiness(vectors, layout, { rng, sampleRows: 300 })
  expect(estimate).not.toBe(exact)
  expect(Math.abs(estimate - exact)).toBeLessThan(0.02)
})

it('is 1 for a layout that keeps all neighbours', async () => {
  const angles = Array.from({ length: 60 }, (_, i) => (i * i) / 1200)
  const data = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]))
  const circle: Matrix = { rows: 60, columns: 2, data }
  expect(await measureTrustworthiness(circle, circle, { k: 5, rng })).toBeCloseTo(1, 3)
})

it('refuses shapes that do not fit, and stops when told', async () => {
  const vectors = makePatches(20, 4, 2)
  const layout = takeTwoColumns(vectors)
  await expect(measureTrustworthiness(vectors, layout, { k: 10, rng })).rejects.toThrow('fewer than 10, got 10')
  await expect(measureTrustworthiness(vectors, vectors, { k: 3, rng })).rejects.toThrow('20 × 2, got 20 × 4')
  const stopped = measureTrustworthiness(vectors, layout, { k: 3, rng }, { signal: AbortSignal.abort() })
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
})
