import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { TaskModel } from '#models'
import { createModelLender, type ModelLender } from './lend.ts'

let lender: ModelLender
let opened: string[]
let closed: string[]
const open = (name: string) => async (): Promise<TaskModel> => {
  opened.push(name)
  return { close: async () => void closed.push(name) } as unknown as TaskModel
}

beforeEach(() => {
  vi.useFakeTimers()
  lender = createModelLender({ lingerMs: 1_000 })
  opened = []
  closed = []
})
afterEach(async () => {
  await lender.close()
  vi.useRealTimers()
})

it('opens a model once for all who use it, and closes it a while after the last', async () => {
  const [one, other] = await Promise.all([lender.borrow('a', open('a')), lender.borrow('a', open('a'))])
  await one.close()
  await one.close()
  await vi.advanceTimersByTimeAsync(5_000)
  expect([opened, closed]).toEqual([['a'], []])
  await other.close()
  await vi.advanceTimersByTimeAsync(999)
  const again = await lender.borrow('a', open('a'))
  await vi.advanceTimersByTimeAsync(5_000)
  expect([opened, closed]).toEqual([['a'], []])
  await again.close()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(closed).toEqual(['a'])
  await (await lender.borrow('a', open('a'))).close()
  expect(opened).toEqual(['a', 'a'])
})

it('tries again what could not be opened', async () => {
  await expect(lender.borrow('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await lender.borrow('a', open('a'))
  expect(opened).toEqual(['a'])
})

it('is closed with what nobody uses, and the rest follows', async () => {
  await (await lender.borrow('a', open('a'))).close()
  const used = await lender.borrow('b', open('b'))
  await lender.close()
  expect(closed).toEqual(['a'])
  await used.close()
  expect(closed).toEqual(['a', 'b'])
})
