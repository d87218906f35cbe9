import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

test('work waits for room and comes in order; what is too dear runs alone', async () => {
  const gate = createGate(10)
  const log: string[] = []
  const ends: (() => void)[] = []
  const start = (name: string, cost: number): Promise<void> =>
    gate.run(cost, async () => {
      log.push(name)
      await new Promise<void>((end) => ends.push(end))
    })
  const all = [start('a', 6), start('b', 4), start('huge', 99), start('c', 1)]
  await Promise.resolve()
  expect(log).toEqual(['a', 'b'])
  ends[0]!()
  await all[0]
  expect(log).toEqual(['a', 'b'])
  ends[1]!()
  await all[1]
  await Promise.resolve()
  expect(log).toEqual(['a', 'b', 'huge'])
  ends[2]!()
  await all[2]
  await Promise.resolve()
  expect(log).toEqual(['a', 'b', 'huge', 'c'])
  ends[3]!()
  await all[3]
})

test('a failure gives its room back', async () => {
  const gate = createGate(1)
  await expect(gate.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await gate.run(1, async () => 'yes')).toBe('yes')
})
