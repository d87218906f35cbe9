import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nameClusters, type NamedCluster } from './name.ts'

/** Rows of one cluster: how many, with which class and tags. */
type Part = [cluster: number, count: number, name?: string, ...tags: string[]]

function nameParts(...parts: Part[]): NamedCluster[] {
  const rows = parts.flatMap(([cluster, count, name, ...tags]) =>
    Array.from({ length: count }, () => ({ cluster, name, tags })),
  )
  return nameClusters({
    assignment: Int32Array.from(rows, ({ cluster }) => cluster),
    classes: rows.map(({ name }) => name),
    tags: rows.map(({ tags }) => tags),
  })
}

const namesOf = (clusters: NamedCluster[]): [number, string][] => clusters.map(({ id, name }) => [id, name])

it('names by one class, by two, and the rest unclustered at the end', () => {
  const clusters = nameParts(
    [0, 6, 'crack'],
    [0, 4, 'free'],
    [1, 5, 'crack'],
    [1, 4, 'fray'],
    [1, 2, 'free'],
    [-1, 50, 'free'],
  )
  expect(namesOf(clusters)).toEqual([
    [1, 'crack + fray'],
    [0, 'crack'],
    [-1, 'unclustered'],
  ])
  expect(clusters[1]).toEqual({
    id: 0,
    size: 10,
    name: 'crack',
    classes: [
      { name: 'crack', share: 0.6 },
      { name: 'free', share: 0.4 },
    ],
    tags: [],
  })
  expect(clusters[2]!.size).toBe(50)
})

it('counts the share of a class among labelled rows, but minds no handful of labels', () => {
  expect(namesOf(nameParts([0, 3, 'crack'], [0, 7]))).toEqual([[0, 'crack']])
  expect(namesOf(nameParts([0, 2, 'crack'], [0, 1]))).toEqual([[0, 'cluster 1']])
  expect(namesOf(nameParts([0, 2, 'crack']))).toEqual([[0, 'crack']])
  expect(namesOf(nameParts([0, 9, 'crack'], [0, 91]))).toEqual([[0, 'cluster 1']])
})

it('names by the most telling tag where no class dominates', () => {
  // Everything is indoors; 'dark' sets cluster 0 apart, though as frequent there as 'indoors'.
  const clusters = nameParts(
    [0, 10, undefined, 'indoors', 'dark'],
    [1, 30, undefined, 'indoors'],
    [1, 2, undefined, 'rare'],
  )
  expect(namesOf(clusters)).toEqual([
    [1, 'cluster 1'],
    [0, 'dark'],
  ])
  expect(clusters[1]!.tags).toEqual([{ name: 'dark', lift: 4.2 }])
})

it('tells namesakes apart by the next tag, else by a number; the largest keeps the name', () => {
  const clusters = nameParts(
    [0, 9, 'crack', 'wet', 'dark'],
    [1, 8, 'crack', 'wet'],
    [2, 7, 'crack', 'wet', 'blurry'],
    [3, 6, 'crack'],
    [4, 40, 'free'],
  )
  expect(namesOf(clusters)).toEqual([
    [4, 'free'],
    [0, 'crack'],
    [1, 'crack 2'],
    [2, 'crack, blurry'],
    [3, 'crack 3'],
  ])
})

it('keeps names apart from a class that is called like the rest', () => {
  expect(namesOf(nameParts([0, 5, 'unclustered'], [-1, 3, 'free']))).toEqual([
    [0, 'unclustered 2'],
    [-1, 'unclustered'],
  ])
  expect(namesOf(nameParts([0, 5, 'crack 2'], [1, 4, 'crack'], [2, 3, 'crack']))).toEqual([
    [0, 'crack 2'],
    [1, 'crack'],
    [2, 'crack 3'],
  ])
})

it('gives every cluster a name of its own and accounts for every row', () => {
  const names = fc.constantFrom('a', 'b', 'a + b', 'cluster', 'unclustered', 'b 2')
  const row = fc.record({
    cluster: fc.integer({ min: -1, max: 6 }),
    name: fc.option(names, { nil: undefined }),
    tags: fc.array(names, { maxLength: 3 }),
  })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 80 }), (rows) => {
      const clusters = nameClusters({
        assignment: rows.map(({ cluster }) => cluster),
        classes: rows.map(({ name }) => name),
        tags: rows.map(({ tags }) => tags),
      })
      expect(new Set(clusters.map(({ name }) => name)).size).toBe(clusters.length)
      expect(clusters.reduce((sum, { size }) => sum + size, 0)).toBe(rows.length)
      const ids = new Set(rows.map(({ cluster }) => cluster))
      expect(new Set(clusters.map(({ id }) => id))).toEqual(ids)
      expect(clusters.findIndex(({ id }) => id < 0)).toBe(ids.has(-1) ? clusters.length - 1 : -1)
      for (const { tags } of clusters) for (const { lift } of tags) expect(lift).toBeGreaterThanOrEqual(1.2)
    }),
    { numRuns: 300 },
  )
})

it('refuses facts of different lengths', () => {
  expect(() => nameClusters({ assignment: [0, 1], classes: ['a'], tags: [[], []] })).toThrow('of 2 rows, got 1 and 2')
})
