import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFixedClock } from '#base'
import { createRunStore, type RunStore } from '#experiments'
import { pruneFolders } from './folders.ts'

let root: string
let folder: string
let runs: RunStore
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-folders-'))
  folder = join(root, 'training')
  runs = createRunStore({
    folder: join(root, 'runs'),
    clock: createFixedClock(0, 1000),
    environment: async () => ({ fovea: '1', node: 'v20', platform: 'x', cpus: 1, revision: null }),
  })
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** A training with a checkpoint and 100 bytes of features. */
async function leave(features: string, end?: 'done' | 'cancelled' | 'failed'): Promise<string> {
  const writer = await runs.start({ kind: 'train', name: 'tiles', actor: 'me' })
  const own = join(folder, writer.id)
  await mkdir(own, { recursive: true })
  await writeFile(join(own, 'checkpoint.bin'), Buffer.alloc(500))
  if (features.endsWith('.f32')) await writeFile(join(own, features), Buffer.alloc(100))
  else {
    await mkdir(join(own, features, 'deep'), { recursive: true })
    await writeFile(join(own, features, 'a'), Buffer.alloc(40))
    await writeFile(join(own, features, 'deep', 'b'), Buffer.alloc(60))
  }
  if (end !== undefined) await writer.end(end)
  return writer.id
}
const left = async (id: string): Promise<string[]> => (await readdir(join(folder, id)).catch(() => ['gone'])).toSorted()

it('what is done or unknown goes; of what was stopped the features, the oldest first, but never a checkpoint', async () => {
  const oldest = await leave('segment-features', 'cancelled')
  const next = await leave('segment-features', 'failed')
  const middle = await leave('cache', 'failed')
  const newest = await leave('features-0123.f32', 'cancelled')
  const running = await leave('segment-features')
  const done = await leave('segment-features', 'done')
  await mkdir(join(folder, 'run_of_nobody'))
  await pruneFolders(folder, runs, { next, mostBytes: 200 })
  expect(await Promise.all([oldest, next, middle, newest, running, done, 'run_of_nobody'].map(left))).toEqual([
    ['checkpoint.bin'],
    ['checkpoint.bin', 'segment-features'],
    ['cache', 'checkpoint.bin'],
    ['checkpoint.bin', 'features-0123.f32'],
    ['checkpoint.bin', 'segment-features'],
    ['gone'],
    ['gone'],
  ])
  await pruneFolders(folder, runs, { mostBytes: 0 })
  expect(await Promise.all([next, middle, newest, running].map(left))).toEqual([
    ['checkpoint.bin'],
    ['checkpoint.bin'],
    ['checkpoint.bin'],
    ['checkpoint.bin', 'segment-features'],
  ])
})

it('without anything left there is nothing to do', async () => {
  await pruneFolders(folder, runs)
  expect(await readdir(root)).toEqual([])
})
