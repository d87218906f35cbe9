import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createFixedClock, toFoveaError } from '#base'
import { createModelRegistry } from './registry.ts'
import { writeClassifier } from './testing.ts'

/** Which call finds the disk full, from the how-manieth on. */
const full = vi.hoisted(() => ({ call: '', after: 0 }))
vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>()
  const fail = (call: string, path: string): void => {
    if (full.call !== call || full.after-- > 0) return
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: 'ENOSPC', syscall: call, path })
  }
  return {
    ...real,
    async copyFile(from: string, to: string) {
      fail('copyfile', to)
      await real.copyFile(from, to)
    },
    async writeFile(path: string, ...rest: [string]) {
      if (path.endsWith('version.json')) fail('write', path)
      await real.writeFile(path, ...rest)
    },
    async rename(from: string, to: string) {
      fail('rename', to)
      await real.rename(from, to)
    },
    async open(path: string, ...rest: ['a+']) {
      if (path.endsWith('events.jsonl')) fail('open', path)
      return real.open(path, ...rest)
    },
  }
})

let root: string
beforeEach(async () => {
  full.call = ''
  root = await mkdtemp(join(tmpdir(), 'fovea-registry-disk-'))
})
afterEach(async () => {
  full.call = ''
  await rm(root, { recursive: true, force: true })
})

it.each([
  ['the first file', 'copyfile', 0],
  ['a later file', 'copyfile', 2],
  ['the record', 'write', 0],
  ['the log', 'open', 0],
  ['the last step', 'rename', 0],
])('a disk that is full at %s leaves the registry as it was, and room makes it whole', async (_, name, after) => {
  const source = await writeClassifier(join(root, 'source'))
  const open = () => createModelRegistry({ folder: join(root, 'registry'), clock: createFixedClock(0, 1000) })
  const about = { model: 'tiles', actor: 'me', metrics: {}, run: null, data: null, aliases: ['candidate'] }
  await open().register(source, about)
  const before = await open().list()

  Object.assign(full, { call: name, after })
  const error = await open()
    .register(source, about)
    .then(() => undefined, toFoveaError)
  expect(error).toMatchObject({ code: 'STORAGE_FULL', hint: expect.stringContaining('Make room') })
  full.call = ''
  expect(await open().list()).toEqual(before)
  expect(await open().find('tiles@candidate')).toMatchObject({ version: 1 })
  expect(await readdir(join(root, 'registry'))).toEqual(['tiles'])
  expect((await readdir(join(root, 'registry', 'tiles'))).toSorted()).toEqual(['1', 'events.jsonl'])

  const made = await open().register(source, about)
  expect(await open().load('tiles@candidate')).toEqual(made)
  expect(made.version).toBeGreaterThan(1)
})
