import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { measureRoom } from './room.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-room-'))
  // Written in the order c, a, b.
  for (const [name, seconds] of Object.entries({ a: 200, b: 300, c: 100 })) {
    await writeFile(join(folder, name), Buffer.alloc(100))
    await utimes(join(folder, name), seconds, seconds)
  }
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const left = async (): Promise<string[]> => (await readdir(folder)).toSorted()

it('removes what was written longest ago, no more than it must, and never what is in use', async () => {
  const room = await measureRoom(folder, 350, (name) => name === 'a')
  expect(await room.take(50)).toBe(true)
  expect(await left()).toEqual(['a', 'b', 'c'])
  expect(await room.take(1)).toBe(true)
  expect(await left()).toEqual(['a', 'b'])
  expect(await room.take(199)).toBe(true)
  expect(await left()).toEqual(['a'])
  expect(await room.take(1)).toBe(false)
  expect(await left()).toEqual(['a'])
})

it('brings a folder that holds too much below its bound', async () => {
  const room = await measureRoom(folder, 150, () => false)
  expect(await room.take(40)).toBe(true)
  expect(await left()).toEqual(['b'])
})

it('takes nothing once the disk is full', async () => {
  const room = await measureRoom(folder, 1000, () => false)
  room.close()
  expect(await room.take(1)).toBe(false)
  expect(await left()).toEqual(['a', 'b', 'c'])
})
