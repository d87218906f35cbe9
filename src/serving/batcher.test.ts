import { expect, it } from 'vitest'
import { createFixedClock } from '#base'
import { createBatcher } from './batcher.ts'
import { createGate } from './testing.ts'

const clock = createFixedClock()
const never = new AbortController().signal

function make(options: { maxSize?: number; maxDelayMs?: number; lanes?: number } = {}) {
  const runs: number[][] = []
  let gate = createGate()
  gate.open()
  const batcher = createBatcher<number, number>({
    async run(items) {
      runs.push([...items])
      await gate.opened
      if (items.includes(-1)) throw new Error('bad item')
      return items.map((item) => item * 2)
    },
    keyOf: (item) => (item >= 100 ? 'large' : 'small'),
    rowsOf: (item) => Math.max(1, Math.floor(item / 10) % 10),
    options: { maxSize: options.maxSize ?? 4, maxDelayMs: options.maxDelayMs ?? 60_000 },
    monotonic: () => clock.monotonic(),
    lanes: options.lanes ?? 1,
  })
  return {
    runs,
    batcher,
    hold: () => (gate = createGate()),
  }
}

it('runs an item at once when nothing else is on its way', async () => {
  const { batcher, runs } = make()
  expect((await batcher.add(3, never)).value).toBe(6)
  expect(runs).toEqual([[3]])
})

it('gathers what comes during a run, up to the largest batch', async () => {
  const { batcher, runs, hold } = make()
  const gate = hold()
  const answers = [1, 2, 3, 4, 5, 6].map((item) => batcher.add(item, never))
  gate.open()
  expect((await Promise.all(answers)).map(({ value }) => value)).toEqual([2, 4, 6, 8, 10, 12])
  expect(runs).toEqual([[1], [2, 3, 4, 5], [6]])
})

it('waits for items that were announced, and no longer than they take', async () => {
  const { batcher, runs } = make()
  const arrived = [batcher.announce(), batcher.announce()]
  const first = batcher.add(1, never)
  arrived[0]!()
  expect(runs).toEqual([])
  const second = batcher.add(2, never)
  arrived[1]!()
  expect([(await first).batchSize, (await second).batchSize]).toEqual([2, 2])
  expect(runs).toEqual([[1, 2]])
})

it('waits for no announced item beyond the delay', async () => {
  const { batcher, runs } = make({ maxDelayMs: 0 })
  const arrived = batcher.announce()
  await batcher.add(1, never)
  expect(runs).toEqual([[1]])
  arrived()
})

it('keeps items of different keys apart', async () => {
  const { batcher, runs, hold } = make()
  const gate = hold()
  const answers = [1, 2, 100, 3, 101].map((item) => batcher.add(item, never))
  gate.open()
  await Promise.all(answers)
  expect(runs).toEqual([[1], [2, 3], [100, 101]])
})

it('an item that fails costs no other its answer', async () => {
  const { batcher, hold } = make()
  const gate = hold()
  const answers = [1, 2, -1, 3].map((item) => batcher.add(item, never))
  gate.open()
  const outcomes = await Promise.allSettled(answers)
  expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value.value : 'failed'))).toEqual([2, 4, 'failed', 6])
})

it('an item whose signal fires leaves the queue', async () => {
  const { batcher, runs, hold } = make()
  const gate = hold()
  const first = batcher.add(1, never)
  const stop = new AbortController()
  const second = batcher.add(2, stop.signal)
  stop.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  await expect(batcher.add(3, stop.signal)).rejects.toThrow('gone')
  gate.open()
  await first
  await batcher.drain()
  expect(runs).toEqual([[1]])
})

it('hands a run beyond the lanes over only when it is a whole batch', async () => {
  const { batcher, runs, hold } = make({ maxSize: 2 })
  const gate = hold()
  const answers = [1, 2].map((item) => batcher.add(item, never))
  expect(runs).toEqual([[1]])
  answers.push(batcher.add(3, never))
  expect(runs).toEqual([[1], [2, 3]])
  gate.open()
  await Promise.all(answers)
})

it('runs what is half a batch by itself: nothing has to be laid behind it', async () => {
  const { batcher, runs, hold } = make({ maxSize: 4 })
  const gate = hold()
  const answers = [1, 2, 20, 3, 21].map((item) => batcher.add(item, never))
  gate.open()
  await Promise.all(answers)
  expect(runs).toEqual([[1], [2], [20], [3], [21]])
})

it('shares what waits among the lanes that are free, and says when a run is alone', async () => {
  const flags: boolean[] = []
  const runs: number[][] = []
  const gate = createGate()
  const batcher = createBatcher<number, number>({
    async run(items, isAlone) {
      runs.push([...items])
      flags.push(isAlone)
      await gate.opened
      return [...items]
    },
    options: { maxSize: 16, maxDelayMs: 60_000 },
    monotonic: () => clock.monotonic(),
    lanes: 2,
  })
  const arrived = batcher.announce()
  const answers = [1, 2, 3, 4].map((item) => batcher.add(item, never))
  expect(runs).toEqual([])
  arrived()
  expect(runs).toEqual([
    [1, 2],
    [3, 4],
  ])
  answers.push(batcher.add(5, never))
  expect(runs).toHaveLength(2)
  gate.open()
  await Promise.all(answers)
  await batcher.add(6, never)
  expect(runs.slice(2)).toEqual([[5], [6]])
  expect(flags.at(-1)).toBe(true)
  expect(flags[0]).toBe(false)
})
