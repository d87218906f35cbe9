import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { sliceRows } from '../linear/matmul.ts'
import type { Matrix, NeighbourGraph } from '../types.ts'
import { fitPca, projectPca } from './pca.ts'
import { findAffinities } from './perplexity.ts'
import { findExactNeighbours, findNeighboursAmong, makePatches, takeTwoColumns } from './testing.ts'
import { measureTrustworthiness } from './trustworthiness.ts'
import { layoutTsne, placeTsne } from './tsne.ts'

interface Golden {
  tsne: { made: { rows: number; columns: number; patches: number }; neighbours: number; trustworthiness: number[] }
}

const few = makePatches(240, 16, 4)
const fewGraph = findExactNeighbours(few, 30)

function makeBareGraph(rows: number, k: number): NeighbourGraph {
  return { rows, k, ids: new Int32Array(rows * k).fill(-1), distances: new Float32Array(rows * k).fill(Infinity) }
}

describe('chances of neighbours', () => {
  it('have the perplexity asked for, or a third of the neighbours where that is less', async () => {
    for (const [asked, got] of [
      [4, 4],
      [30, 10],
    ] as const) {
      const chances = await findAffinities(fewGraph, asked, {})
      for (let r = 0; r < fewGraph.rows; r++) {
        const own = [...chances.subarray(r * 30, r * 30 + 30)]
        expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
        expect(Math.exp(-own.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0))).toBeCloseTo(got, 2)
      }
    }
  })

  it('are equal where all neighbours are as far, and none without neighbours', async () => {
    const graph = makeBareGraph(2, 4)
    graph.ids.set([1, 1, 1, 1])
    graph.distances.set([0.5, 0.5, 0.5, 0.5])
    expect([...(await findAffinities(graph, 30, {}))]).toEqual([0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0])
  })
})

describe('a layout', () => {
  it('keeps neighbourhoods as well as scikit-learn', async () => {
    const golden = JSON.parse(await readFile(new URL('golden.json', import.meta.url), 'utf8')) as Golden
    const { made, neighbours, trustworthiness } = golden.tsne
    const vectors = makePatches(made.rows, made.columns, made.patches)
    const start = await projectPca(await fitPca(vectors, { components: 2, rng: createRng(1) }), vectors)
    const layout = await layoutTsne(findExactNeighbours(vectors, neighbours), start, { rng: createRng(1) })
    const ours = await measureTrustworthiness(vectors, layout, { rng: createRng(1) })
    expect(ours).toBeGreaterThan(Math.min(...trustworthiness) - 0.002)
  })

  it('is the same for the same seed', async () => {
    const [one, same, other] = await Promise.all(
      [7, 7, 8].map((seed) => layoutTsne(fewGraph, takeTwoColumns(few), { rng: createRng(seed), iterations: 60 })),
    )
    expect(same).toEqual(one)
    expect(other).not.toEqual(one)
  })

  it('stands for no rows, one row, rows without neighbours, and rows that all coincide', async () => {
    const alike: Matrix = { rows: 40, columns: 2, data: new Float32Array(80).fill(Math.SQRT1_2) }
    for (const [graph, start] of [
      [makeBareGraph(0, 5), sliceRows(alike, 0, 0)],
      [makeBareGraph(1, 5), sliceRows(alike, 0, 1)],
      [makeBareGraph(9, 0), sliceRows(alike, 0, 9)],
      [findExactNeighbours(alike, 5), alike],
    ] as const) {
      const layout = await layoutTsne(graph, start, { rng: createRng(3) })
      expect(layout.data).toHaveLength(graph.rows * 2)
      expect(layout.data.every((value) => Number.isFinite(value))).toBe(true)
    }
  })

  it('refuses what does not fit, and stops when told', async () => {
    const rng = createRng(4)
    const start = takeTwoColumns(few)
    await expect(layoutTsne(fewGraph, few, { rng })).rejects.toThrow('a start of 240 × 2, got 240 × 16')
    await expect(layoutTsne(fewGraph, start, { rng, perplexity: 0 })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(layoutTsne(fewGraph, start, { rng, iterations: 0 })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const stop = new AbortController()
    const report = ({ done }: { done: number }): void => (done === 5 ? stop.abort() : undefined)
    const stopped = layoutTsne(fewGraph, start, { rng }, { signal: stop.signal, progress: { report } })
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

it('new rows join among their like, and leave the layout as it was', async () => {
  const all = makePatches(600, 24, 6)
  const old = sliceRows(all, 0, 480)
  const layout = await layoutTsne(findExactNeighbours(old, 45), takeTwoColumns(old), {
    rng: createRng(5),
    iterations: 500,
  })
  const before = layout.data.slice()
  const placed = await placeTsne(findNeighboursAmong(sliceRows(all, 480, 600), old, 15), layout)
  expect(layout.data).toEqual(before)
  const whole: Matrix = { rows: 600, columns: 2, data: Float32Array.of(...layout.data, ...placed.data) }
  const rng = createRng(1)
  const apart = await measureTrustworthiness(old, layout, { rng })
  expect(apart).toBeGreaterThan(0.97)
  expect(await measureTrustworthiness(all, whole, { rng })).toBeGreaterThan(apart - 0.01)
})
