import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLocalStore } from './local.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-store-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('keeps a read-only copy under the MD5, once', async () => {
  const file = join(folder, 'a.txt')
  await writeFile(file, 'hello')
  const md5 = createHash('md5').update('hello').digest('hex')
  const store = createLocalStore({ folder: join(folder, 'objects') })
  expect(await store.put(file, md5)).toBe(true)
  expect(await store.put(file, md5)).toBe(false)
  expect(store.pathOf(md5)).toBe(join(folder, 'objects/files/md5/5d/41402abc4b2a76b9719d911017c592'))
  expect(await readFile(store.pathOf(md5), 'utf8')).toBe('hello')
  expect((await stat(store.pathOf(md5))).mode & 0o777).toBe(0o444)
})

it('refuses a file whose content is no longer what was hashed', async () => {
  const file = join(folder, 'a.txt')
  await writeFile(file, 'changed')
  const store = createLocalStore({ folder: join(folder, 'objects') })
  const md5 = createHash('md5').update('hello').digest('hex')
  await expect(store.put(file, md5)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
  expect(await store.has(md5)).toBe(false)
})

it('refuses anything but an MD5 as a name', () => {
  expect(() => createLocalStore({ folder }).pathOf('../../etc/passwd')).toThrow(/32 hex digits/)
})
