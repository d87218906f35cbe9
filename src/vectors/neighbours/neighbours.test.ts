import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { multiplyTransposed, sliceRows } from '../linear/matmul.ts'
import { readBlocks, readVectors } from '../spaces/shard.ts'
import type { Matrix } from '../types.ts'
import { buildIndex, openIndex } from './approximate.ts'
import { buildGraph, unitRows } from './graph.ts'
import { readIndex, writeIndex } from './index-file.ts'
import { createNearestList } from './nearest-list.ts'
import { findNearest, findPairs } from './nearest.ts'

/** Unit vectors around a few centres, with most of their spread along a few directions, as embeddings have. */
function makeVectors(rows: number, columns: number, seed = 1): Matrix {
  const rng = createRng(seed)
  const latent = 12
  const directions = Array.from({ length: latent }, () => Float32Array.from({ length: columns }, () => rng.normal()))
  const data = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const place = directions.map((_, i) => rng.normal(i % 5 === row % 5 ? 2 : 0, 1 / (1 + i)))
    for (let c = 0; c < columns; c++)
      data[row * columns + c] = directions.reduce((sum, one, i) => sum + one[c]! * place[i]!, 0.3 * rng.normal())
  }
  const vectors = { rows, columns, data }
  unitRows(vectors)
  return vectors
}

const cosine = ({ columns, data }: Matrix, a: number, b: number): number => {
  let sum = 0
  for (let i = 0; i < columns; i++) sum += data[a * columns + i]! * data[b * columns + i]!
  return sum
}

const bruteForce = (vectors: Matrix, row: number, k: number): number[] =>
  Array.from({ length: vectors.rows }, (_, other) => other)
    .filter((other) => other !== row)
    .toSorted((a, b) => cosine(vectors, row, b) - cosine(vectors, row, a))
    .slice(0, k)

describe('a nearest list', () => {
  it('keeps the best k, whatever the order they come in', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        (scores, k) => {
          const list = createNearestList(k)
          scores.forEach((score, id) => list.add(id, score))
          const best = [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]!).slice(0, k)
          expect([...list.ids.subarray(0, list.size)]).toEqual(best)
          expect(list.floor).toBe(scores.length < k ? -Infinity : scores[best.at(-1)!])
        },
      ),
    )
  })
})

describe('products', () => {
  it('are those of the rows', async () => {
    const vectors = makeVectors(40, 17)
    const { data, rows, columns } = await multiplyTransposed(sliceRows(vectors, 3, 8), vectors)
    expect([rows, columns]).toEqual([5, 40])
    for (let a = 0; a < 5; a++)
      for (let b = 0; b < 40; b++) expect(data[a * 40 + b]).toBeCloseTo(cosine(vectors, a + 3, b), 5)
    await expect(multiplyTransposed(vectors, makeVectors(3, 5))).rejects.toMatchObject({ code: 'INTERNAL' })
    expect((await multiplyTransposed(sliceRows(vectors, 0, 0), vectors)).data).toHaveLength(0)
  })
})

describe('neighbours', () => {
  it('are the nearest others, nearest first', async () => {
    const vectors = makeVectors(700, 24)
    const graph = await buildGraph(vectors, 8)
    for (const row of [0, 255, 256, 699]) {
      expect([...graph.ids.subarray(row * 8, row * 8 + 8)]).toEqual(bruteForce(vectors, row, 8))
      expect(graph.distances[row * 8]).toBeCloseTo(1 - cosine(vectors, row, graph.ids[row * 8]!), 5)
    }
    const few = await buildGraph(sliceRows(vectors, 0, 3), 8)
    expect([few.k, few.ids.length]).toEqual([2, 6])
  })

  it('of rows elsewhere are found too', async () => {
    const vectors = makeVectors(400, 24)
    const { ids, distances } = await findNearest(sliceRows(vectors, 10, 12), vectors, 3)
    expect([ids[0], ids[3]]).toEqual([10, 11])
    expect(distances[0]).toBeCloseTo(0, 5)
    expect([...ids.subarray(1, 3)]).toEqual(bruteForce(vectors, 10, 2))
  })

  it('stop when asked to', async () => {
    const stop = new AbortController()
    stop.abort()
    await expect(buildGraph(makeVectors(50, 8), 3, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})

describe('pairs', () => {
  it('are all that reach the threshold, each once', async () => {
    const vectors = makeVectors(600, 12)
    const { a, b, scores } = await findPairs(vectors, 0.97)
    const wanted: string[] = []
    for (let i = 0; i < 600; i++)
      for (let j = i + 1; j < 600; j++) if (cosine(vectors, i, j) >= 0.97) wanted.push(`${i} ${j}`)
    expect(wanted.length).toBeGreaterThan(20)
    expect(Array.from(a, (one, i) => `${one} ${b[i]}`).toSorted()).toEqual(wanted.toSorted())
    expect(scores[0]).toBeCloseTo(cosine(vectors, a[0]!, b[0]!), 5)
  })
})

describe('vectors on disk', () => {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'fovea-vectors-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  const write = async (name: string, { rows, data }: Matrix): Promise<{ file: string; rows: number }> => {
    const file = join(root, name)
    await writeFile(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    return { file, rows }
  }

  it('are read back, all of them or those that count', async () => {
    const one = makeVectors(300, 40)
    const other = makeVectors(7, 40, 2)
    const files = [await write('one.f32', one), await write('other.f32', other)]
    const all = await readVectors(files, 40, null)
    expect(all.rows).toBe(307)
    expect(all.data).toEqual(Float32Array.from([...one.data, ...other.data]))
    const keep = Uint8Array.from({ length: 307 }, (_, row) => (row % 3 === 0 ? 1 : 0))
    const kept = await readVectors(files, 40, keep)
    expect(kept.rows).toBe(103)
    expect(kept.data.subarray(102 * 40)).toEqual(other.data.subarray(6 * 40))
    let rows = 0
    for await (const block of readBlocks(files, 40, keep)) rows += block.rows
    expect(rows).toBe(103)
    await expect(readVectors([{ ...files[1]!, rows: 8 }], 40, null)).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('are found by an index that says how often it finds them', async () => {
    const vectors = makeVectors(3_000, 200)
    const keep = Uint8Array.from({ length: 3_000 }, (_, row) => (row < 2_900 ? 1 : 0))
    const source = { files: [await write('index.f32', vectors)], columns: 200, keep }
    const built = await buildIndex(source)
    const file = join(root, 'index.bin')
    await writeIndex(file, 'these rows', built)
    expect(await readIndex(file, 'other rows')).toBeUndefined()
    expect(await readIndex(join(root, 'none.bin'), 'these rows')).toBeUndefined()
    const stored = (await readIndex(file, 'these rows'))!
    expect(stored).toEqual(built)
    const index = openIndex(source, stored)
    try {
      expect(index.recall).toBeGreaterThanOrEqual(0.98)
      let found = 0
      for (const row of [5, 500, 2_899]) {
        const { rows, scores } = await index.find(vectors.data.slice(row * 200, row * 200 + 200), 11)
        expect([rows[0], Math.round(scores[0]! * 1e5) / 1e5]).toEqual([row, 1])
        expect(Math.max(...rows)).toBeLessThan(2_900)
        const truth = new Set(bruteForce(sliceRows(vectors, 0, 2_900), row, 10))
        found += [...rows].filter((one) => truth.has(one)).length
      }
      expect(found).toBeGreaterThanOrEqual(29)
    } finally {
      index.close()
    }
  })
})
