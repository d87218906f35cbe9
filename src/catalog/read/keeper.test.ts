import { expect, it } from 'vitest'
import { createKeepers } from './keeper.ts'

const size = (): number => 0

it('reads once for all who ask, and anew after a write', async () => {
  let revision = 1
  let reads = 0
  const keepers = createKeepers(() => revision)
  const read = () => keepers(7).keep('ids', () => Promise.resolve(++reads), size)
  expect(await Promise.all([read(), read()])).toEqual([1, 1])
  expect(await read()).toBe(1)
  const before = keepers(7)
  revision = 2
  expect(before.isCurrent()).toBe(false)
  expect(await read()).toBe(2)
  expect(await keepers(8).keep('ids', () => Promise.resolve(++reads), size)).toBe(3)
})

it('does not keep a failure', async () => {
  const keeper = createKeepers(() => 1)(7)
  await expect(keeper.keep('ids', () => Promise.reject(new Error('gone')), size)).rejects.toThrow('gone')
  expect(await keeper.keep('ids', () => Promise.resolve(1), size)).toBe(1)
})

it('lets go of what was used longest ago where it takes too much', async () => {
  const keeper = createKeepers(() => 1)(7)
  let reads = 0
  const read = (key: string) =>
    keeper.keep(
      key,
      () => Promise.resolve(++reads),
      () => 100_000_000,
    )
  for (const key of ['a', 'b', 'a', 'c']) await read(key)
  expect(reads).toBe(3)
  await read('a')
  expect(reads).toBe(3)
  await read('b')
  expect(reads).toBe(4)
})
