import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createLabelCache } from './label-cache.ts'

interface Asked {
  ids: number[]
  answer: (width: number) => void
  fail: () => void
}
let asked: Asked[] = []

beforeEach(() => {
  asked = []
  vi.stubGlobal('fetch', (_path: string, { body }: { body: string }) => {
    const { samples } = JSON.parse(body) as { samples: string[] }
    return new Promise((resolve, reject) => {
      asked.push({
        ids: samples.map((id) => Number(id.slice(2))),
        answer: (width) =>
          resolve(Response.json({ samples: samples.map((sample) => ({ sample, width, height: 1, layers: [] })) })),
        fail: () => reject(new Error('lost')),
      })
    })
  })
})
afterEach(() => vi.unstubAllGlobals())

const settle = () => new Promise((done) => setTimeout(done, 5))
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

it('asks in batches of 200, two at a time, and never twice for the same', async () => {
  const arrived: number[] = []
  const cache = createLabelCache('d', (ids) => arrived.push(...ids))
  cache.want(range(0, 500))
  expect(asked.map(({ ids }) => ids.length)).toEqual([200, 200])
  cache.want(range(100, 450))
  asked[0]!.answer(7)
  await settle()
  expect(asked.map(({ ids }) => ids[0])).toEqual([0, 200, 400])
  expect(asked[2]!.ids).toEqual(range(400, 150))
  expect(arrived).toEqual(range(0, 200))
  expect(cache.get(3)).toEqual({ sample: 's_3', width: 7, height: 1, layers: [] })
  cache.want([1, 2, 3])
  asked[1]!.answer(7)
  asked[2]!.answer(7)
  await settle()
  expect(asked).toHaveLength(3)
  cache.close()
})

it('shows what is old until the new comes', async () => {
  const cache = createLabelCache('d', () => {})
  cache.want([5])
  asked[0]!.answer(1)
  await settle()
  cache.expire()
  expect(cache.get(5)?.width).toBe(1)
  cache.want([5])
  asked[1]!.answer(2)
  await settle()
  expect(cache.get(5)?.width).toBe(2)
  cache.close()
})

it('goes on after a failure, and asks again after the next change', async () => {
  const cache = createLabelCache('d', () => {})
  cache.want(range(0, 401))
  for (const each of asked) each.fail()
  await settle()
  expect(asked.map(({ ids }) => ids.length)).toEqual([200, 200, 1])
  cache.want([0])
  expect(asked).toHaveLength(3)
  cache.expire()
  cache.want([0])
  expect(asked).toHaveLength(4)
  cache.close()
})

it('keeps 2000 samples and forgets the oldest', async () => {
  const cache = createLabelCache('d', () => {})
  for (let from = 0; from <= 2_000; from += 200) {
    cache.want(range(from, 200))
    asked.at(-1)!.answer(1)
    await settle()
  }
  expect(cache.get(199)).toBe(null)
  expect(cache.get(200)).not.toBe(null)
  expect(cache.get(2_199)).not.toBe(null)
  cache.close()
})
