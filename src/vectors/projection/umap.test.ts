import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { sliceRows } from '../linear/matmul.ts'
import type { Matrix, NeighbourGraph } from '../types.ts'
import { fitCurve } from './curve.ts'
import { fitPca, projectPca } from './pca.ts'
import { findExactNeighbours, findNeighboursAmong, makePatches, takeTwoColumns } from './testing.ts'
import { measureTrustworthiness } from './trustworthiness.ts'
import { layoutUmap, placeUmap } from './umap.ts'

interface Golden {
  umap: { made: { rows: number; columns: number; patches: number }; neighbours: number; trustworthiness: number[] }
  curves: { minDist: number; spread: number; a: number; b: number }[]
}

const golden = JSON.parse(await readFile(new URL('golden.json', import.meta.url), 'utf8')) as Golden
const few = makePatches(240, 16, 4)
const fewGraph = findExactNeighbours(few, 10)

function makeBareGraph(rows: number, k: number): NeighbourGraph {
  return { rows, k, ids: new Int32Array(rows * k).fill(-1), distances: new Float32Array(rows * k).fill(Infinity) }
}

it('fits the curve that umap-learn fits', () => {
  expect(golden.curves).toHaveLength(4)
  for (const { minDist, spread, a, b } of golden.curves) {
    const curve = fitCurve(minDist, spread)
    expect(curve.a).toBeCloseTo(a, 5)
    expect(curve.b).toBeCloseTo(b, 5)
  }
})

describe('a layout', () => {
  it('keeps neighbourhoods as well as umap-learn, and far better than its start', async () => {
    const { made, neighbours, trustworthiness } = golden.umap
    const vectors = makePatches(made.rows, made.columns, made.patches)
    const start = await projectPca(await fitPca(vectors, { components: 2, rng: createRng(1) }), vectors)
    const layout = await layoutUmap(findExactNeighbours(vectors, neighbours), start, { rng: createRng(1) })
    const rng = createRng(1)
    const ours = await measureTrustworthiness(vectors, layout, { rng })
    expect(ours).toBeGreaterThan(Math.min(...trustworthiness) - 0.002)
    expect(await measureTrustworthiness(vectors, start, { rng })).toBeLessThan(0.95)
  })

  it('is the same for the same seed, and another for another', async () => {
    const [one, same, other] = await Promise.all(
      [7, 7, 8].map((seed) => layoutUmap(fewGraph, takeTwoColumns(few), { rng: createRng(seed), epochs: 20 })),
    )
    expect(same).toEqual(one)
    expect(other).not.toEqual(one)
  })

  it('spreads points wider with more distance and scale', async () => {
    const measure = async (minDist: number, spread: number): Promise<number> => {
      const options = { rng: createRng(2), epochs: 200, minDist, spread }
      const { data } = await layoutUmap(fewGraph, takeTwoColumns(few), options)
      const gaps = Array.from({ length: fewGraph.rows }, (_, r) => {
        const other = fewGraph.ids[r * fewGraph.k]!
        return Math.hypot(data[r * 2]! - data[other * 2]!, data[r * 2 + 1]! - data[other * 2 + 1]!)
      })
      return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    }
    expect(await measure(0.8, 1)).toBeGreaterThan(2 * (await measure(0.001, 1)))
  })

  it('stands for no rows, one row, rows without neighbours, and rows that all coincide', async () => {
    const alike: Matrix = { rows: 40, columns: 2, data: new Float32Array(80).fill(Math.SQRT1_2) }
    for (const [graph, start] of [
      [makeBareGraph(0, 5), sliceRows(alike, 0, 0)],
      [makeBareGraph(1, 5), sliceRows(alike, 0, 1)],
      [makeBareGraph(9, 0), sliceRows(alike, 0, 9)],
      [findExactNeighbours(alike, 5), alike],
    ] as const) {
      const layout = await layoutUmap(graph, start, { rng: createRng(3) })
      expect([layout.rows, layout.columns, layout.data.length]).toEqual([graph.rows, 2, graph.rows * 2])
      expect(layout.data.every((value) => Number.isFinite(value))).toBe(true)
    }
  })

  it('refuses what does not fit, tells of its progress, and stops when told', async () => {
    const rng = createRng(4)
    const start = takeTwoColumns(few)
    await expect(layoutUmap(fewGraph, few, { rng })).rejects.toThrow('a start of 240 × 2, got 240 × 16')
    await expect(layoutUmap(fewGraph, start, { rng, minDist: 2 })).rejects.toThrow('got 2 and 1')
    await expect(layoutUmap(fewGraph, start, { rng, epochs: 0 })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(layoutUmap(fewGraph, start, { rng, negatives: 1.5 })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const done: number[] = []
    const stop = new AbortController()
    const report = (event: { done: number }): void => {
      done.push(event.done)
      if (event.done === 200) stop.abort()
    }
    const work = { signal: stop.signal, progress: { report } }
    await expect(layoutUmap(fewGraph, start, { rng }, work)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(done.slice(0, 3)).toEqual([1, 2, 3])
    expect(done.length).toBeLessThan(500)
  })
})

describe('new rows', () => {
  it('join the layout among their like, and leave it as it was', async () => {
    const all = makePatches(600, 24, 6)
    const old = sliceRows(all, 0, 480)
    const layout = await layoutUmap(findExactNeighbours(old, 15), takeTwoColumns(old), { rng: createRng(5) })
    const before = layout.data.slice()
    const fresh = sliceRows(all, 480, 600)
    const placed = await placeUmap(findNeighboursAmong(fresh, old, 15), layout, { rng: createRng(6) })
    expect(layout.data).toEqual(before)
    const whole: Matrix = { rows: 600, columns: 2, data: Float32Array.of(...layout.data, ...placed.data) }
    const rng = createRng(1)
    const apart = await measureTrustworthiness(old, layout, { rng })
    expect(apart).toBeGreaterThan(0.97)
    expect(await measureTrustworthiness(all, whole, { rng })).toBeGreaterThan(apart - 0.01)
  })

  it('go to the row they repeat, and to the middle without neighbours', async () => {
    const layout = takeTwoColumns(makePatches(300, 8, 3))
    for (let i = 0; i < layout.data.length; i++) layout.data[i]! *= 30
    const graph = makeBareGraph(2, 1)
    graph.ids[0] = 17
    graph.distances[0] = 0
    const placed = await placeUmap(graph, layout, { rng: createRng(7), minDist: 0 })
    expect(Math.hypot(placed.data[0]! - layout.data[34]!, placed.data[1]! - layout.data[35]!)).toBeLessThan(2)
    const mean = (axis: number): number => layout.data.reduce((sum, v, i) => (i % 2 === axis ? sum + v / 300 : sum), 0)
    expect(placed.data[2]).toBeCloseTo(mean(0), 4)
    expect(placed.data[3]).toBeCloseTo(mean(1), 4)
  })
})
