import { expect, it } from 'vitest'
import { createPictureCache } from './picture-cache.ts'

/** A reader that ends when told to. */
function makeReader(budgetBytes: number) {
  const begun: number[] = []
  const stopped: number[] = []
  const dropped: number[] = []
  const ends = new Map<number, () => void>()
  const cache = createPictureCache<{ id: number }>({
    budgetBytes,
    bytesOf: () => 10,
    drop: ({ id }) => dropped.push(id),
    read: (id, signal) => {
      begun.push(id)
      signal.addEventListener('abort', () => stopped.push(id))
      return new Promise((resolve) => {
        ends.set(id, () => resolve({ id }))
      })
    },
  })
  return { cache, begun, stopped, dropped, end: (id: number) => ends.get(id)!() }
}

it('reads once for all who ask', async () => {
  const { cache, begun, end } = makeReader(100)
  const both = Promise.all([cache.load('a', 1), cache.load('a', 1)])
  expect(cache.peek('a')).toBeUndefined()
  end(1)
  const [first, second] = await both
  expect(first).toBe(second)
  expect(cache.peek('a')).toBe(first)
  await cache.load('a', 1)
  expect(begun).toEqual([1])
})

it('drops what was used longest ago, never what is wanted', async () => {
  const { cache, dropped, end } = makeReader(25)
  cache.want(['a', 'b', 'c'])
  for (const [key, id] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const) {
    const read = cache.load(key, id)
    end(id)
    await read
  }
  expect(dropped).toEqual([])
  cache.peek('a')
  cache.want(['c'])
  expect(dropped).toEqual([2])
  expect(cache.peek('a')).toEqual({ id: 1 })
})

it('stops reading what is no longer wanted, and reads it anew when it is', async () => {
  const { cache, begun, stopped, dropped, end } = makeReader(100)
  cache.want(['a', 'b'])
  const a = cache.load('a', 1)
  const refused = a.then(
    () => null,
    (error: unknown) => error,
  )
  cache.want(['b'])
  expect(stopped).toEqual([1])
  // A reader that ends all the same is not believed.
  end(1)
  expect(await refused).toMatchObject({ name: 'AbortError' })
  expect(dropped).toEqual([1])
  expect(cache.peek('a')).toBeUndefined()
  const again = cache.load('a', 1)
  end(1)
  expect(await again).toEqual({ id: 1 })
  expect(begun).toEqual([1, 1])
})

it('forgets what is to be read anew', async () => {
  const { cache, dropped, end } = makeReader(100)
  const read = cache.load('a', 1)
  end(1)
  await read
  cache.forget('a')
  cache.forget('unknown')
  expect([cache.peek('a'), dropped]).toEqual([undefined, [1]])
})
