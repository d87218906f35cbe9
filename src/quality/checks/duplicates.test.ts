import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFixedClock } from '#base'
import { learnCheck } from '../profile/learn.ts'
import type { LooksPort } from './deps.ts'
import { openBench, times, type CheckBench } from './testing.ts'

/** What a space would say; the tests fill it. */
const space: {
  name: string | undefined
  isCurrent: boolean
  ids: number[]
  pairs: { a: number; b: number; score: number }[]
  score: number[]
} = {
  name: undefined,
  isCurrent: true,
  ids: [],
  pairs: [],
  score: [],
}
const looks: LooksPort = {
  findSpace: async () =>
    space.name === undefined ? undefined : { name: space.name, isCurrent: space.isCurrent, sameFrom: 0.95 },
  findPairs: async () => space,
  scoreOutliers: async () => space,
}

let bench: CheckBench
beforeAll(async () => {
  bench = await openBench(looks)
})
beforeEach(async () => {
  Object.assign(space, { name: undefined, isCurrent: true, ids: [], pairs: [], score: [] })
  await bench.begin()
})
afterAll(() => bench.close())

const idsOf = async (query: string | null): Promise<number[]> =>
  (await bench.catalog.idsOf(bench.dataset, { query: query! })).toSorted((a, b) => a - b)

test('exact-duplicates finds files with the same bytes', async () => {
  await bench.add(times(10))
  expect(await bench.look('exact-duplicates')).toMatchObject({ looked: 10, found: 0, broken: false, query: null })
  const ids = await bench.add(times(3, () => ({ facts: { md5: 'a'.repeat(32) } })))
  const seen = await bench.look('exact-duplicates')
  expect(seen).toMatchObject({ looked: 13, found: 2, broken: true })
  expect(seen.findings).toMatchObject([
    { sample: `s_${ids[1]}`, other: { sample: `s_${ids[0]}` } },
    { sample: `s_${ids[2]}`, other: { sample: `s_${ids[0]}` } },
  ])
  expect(await idsOf(seen.query)).toEqual(ids)
  expect(await bench.look('exact-duplicates', {}, { scope: 'width = 1' })).toMatchObject({ looked: 0 })
})

test('a query names so many samples, and says how much of what was found that is', async () => {
  // 600 pictures, each twice: no pair is torn.
  const twice = (n: number): string => String(n % 600).padStart(32, '0')
  await bench.add(times(1_200, (n) => ({ facts: { md5: twice(n) } })))
  const seen = await bench.look('exact-duplicates')
  expect(seen).toMatchObject({ found: 600, queryNames: { named: 500, of: 600 } })
  const named = await idsOf(seen.query)
  expect(named.length).toBe(1_000)
  expect(await bench.look('exact-duplicates', {}, { scope: seen.query! })).toMatchObject({ looked: 1_000, found: 500 })
  const few = await bench.look('exact-duplicates', {}, { scope: `id in ("s_${named[0]}", "s_${named[500]}")` })
  expect(few).toMatchObject({ found: 1, query: `id in ("s_${named[0]}", "s_${named[500]}")` })
  expect(few.queryNames).toBeUndefined()
})

describe('near-duplicates', () => {
  test('keep to what they were learned with: a space that comes later breaks no bound of hashes', async () => {
    const ids = await bench.add(times(20))
    const kind = bench.kinds.find(({ name }) => name === 'near-duplicates')!
    const { signal } = new AbortController()
    const context = { dataset: bench.dataset, scope: '', reference: undefined, signal, clock: createFixedClock() }
    const learned = await learnCheck(kind, context)
    expect(learned).toMatchObject({ parameters: { by: 'hash' } })
    // Vectors of ten pairs.
    const pairs = Array.from({ length: 10 }, (_, n) => ({ a: 2 * n, b: 2 * n + 1, score: 0.99 }))
    Object.assign(space, { name: 'main', ids, pairs })
    const kept = 'parameters' in learned ? learned.parameters : {}
    expect(await bench.look('near-duplicates', kept)).toMatchObject({ looked: 20, found: 0, broken: false })
    expect(await bench.look('near-duplicates')).toMatchObject({ found: 10, broken: true })
    const anew = await learnCheck(kind, context)
    expect(anew).toMatchObject({ parameters: { by: 'embedding', space: 'main', threshold: 0.95 } })
    expect(await bench.look('near-duplicates', 'parameters' in anew ? anew.parameters : {})).toMatchObject({
      found: 10,
      broken: false,
    })
  })

  test('go by perceptual hashes where there are no vectors', async () => {
    await bench.add(times(10))
    const ids = await bench.add(times(2, () => ({ facts: { phash: 'f0f0f0f0f0f0f0f0' } })))
    const seen = await bench.look('near-duplicates', { max_share: 0 })
    expect(seen).toMatchObject({ looked: 12, found: 1, broken: true })
    expect(await idsOf(seen.query)).toEqual(ids)
    expect(await bench.look('near-duplicates', {}, { scope: `id != "s_${ids[1]}"` })).toMatchObject({ found: 0 })
    expect(await bench.look('near-duplicates', { by: 'embedding' })).toMatchObject({ looked: 0 })
  })

  test('go by vectors where there are some, within the scope', async () => {
    const ids = await bench.add(times(6, (n) => ({ split: n < 5 ? 'train' : null })))
    Object.assign(space, {
      name: 'main',
      ids,
      pairs: [
        { a: 3, b: 1, score: 0.97 },
        { a: 0, b: 5, score: 0.99 },
      ],
    })
    const seen = await bench.look('near-duplicates', { max_share: 0 })
    expect(seen).toMatchObject({ looked: 6, found: 2, broken: true })
    expect(seen.findings[0]).toMatchObject({ sample: `s_${ids[0]}`, other: { sample: `s_${ids[5]}` }, score: 0.99 })
    const scoped = await bench.look('near-duplicates', { max_share: 0 }, { scope: 'split = "train"' })
    expect(scoped).toMatchObject({ looked: 5, found: 1 })
    expect(await idsOf(scoped.query)).toEqual([ids[1], ids[3]])
    expect(await bench.look('near-duplicates', { by: 'hash' })).toMatchObject({ looked: 6, found: 0, broken: false })
    // Vectors that lag behind would miss pictures; hashes miss none.
    space.isCurrent = false
    expect(await bench.look('near-duplicates')).toMatchObject({ looked: 6, found: 0 })
    expect(await bench.look('near-duplicates', { by: 'embedding', max_share: 0 })).toMatchObject({ found: 2 })
  })
})

describe('leaks', () => {
  test('finds the same picture in two splits by its hash', async () => {
    await bench.add(times(10, (n) => ({ split: n % 2 ? 'train' : 'val' })))
    expect(await bench.look('leaks')).toMatchObject({ looked: 10, found: 0, broken: false })
    // Twice in one split is a duplicate and no leak; without a split it leaks nowhere.
    await bench.add(times(2, () => ({ split: 'train', facts: { phash: '1111111111111111' } })))
    const ids = await bench.add(
      ['train', 'val', 'val', null].map((split) => ({ split, facts: { phash: 'f0f0f0f0f0f0f0f0' } })),
    )
    const seen = await bench.look('leaks')
    expect(seen).toMatchObject({ looked: 15, found: 3, value: 3, broken: true })
    expect(seen.findings[0]!.what).toBe('In train and in val: the same perceptual hash')
    expect(await idsOf(seen.query)).toEqual(ids.slice(0, 2))
    expect(await bench.look('leaks', { max_found: 3 })).toMatchObject({ broken: false })
  })

  test('finds them by vectors', async () => {
    const ids = await bench.add(times(6, (n) => ({ split: n % 2 ? 'train' : 'val' })))
    Object.assign(space, {
      name: 'main',
      ids,
      pairs: [
        { a: 0, b: 2, score: 0.99 },
        { a: 0, b: 3, score: 0.96 },
      ],
    })
    const seen = await bench.look('leaks')
    expect(seen).toMatchObject({ looked: 6, found: 2, broken: true })
    expect(seen.findings).toMatchObject([{ sample: `s_${ids[0]}`, what: 'In val and in train: cosine 0.96' }])
    expect(await idsOf(seen.query)).toEqual([ids[0], ids[3]])
  })

  test('is empty without two splits', async () => {
    await bench.add(times(6, () => ({ split: 'train' })))
    expect(await bench.look('leaks')).toMatchObject({ looked: 0 })
    expect(await bench.look('leaks', {}, { scope: 'width = 1' })).toMatchObject({ looked: 0 })
  })
})

test('outliers finds what lies far from all others', async () => {
  expect(await bench.look('outliers')).toMatchObject({ looked: 0 })
  const ids = await bench.add(times(20))
  Object.assign(space, { name: 'main', ids, score: ids.map((_, i) => (i === 7 ? 0.9 : 0.1 + i / 1000)) })
  const seen = await bench.look('outliers', { max_share: 0.01 })
  expect(seen).toMatchObject({ looked: 20, found: 1, value: 0.05, broken: true, query: `id in ("s_${ids[7]}")` })
  expect(seen.findings).toMatchObject([{ sample: `s_${ids[7]}`, score: 0.9 }])
  expect(await bench.look('outliers', {}, { scope: `id != "s_${ids[7]}"` })).toMatchObject({ looked: 19, found: 0 })
  expect(await bench.look('outliers', {}, { scope: 'width = 1' })).toMatchObject({ looked: 0 })
})
