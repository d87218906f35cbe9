import { createHash } from 'node:crypto'
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLocalStore, type MediaStore } from './local.ts'
import { findRecorded, type RecordedPicture } from './recorded.ts'

let folder: string
let store: MediaStore
let picture: RecordedPicture
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-recorded-'))
  store = createLocalStore({ folder: join(folder, 'objects') })
  const source = join(folder, 'a.png')
  await writeFile(source, 'as it was')
  const { size, mtimeMs } = await stat(source)
  const md5 = createHash('md5').update('as it was').digest('hex')
  picture = { source, md5, recorded: { bytes: size, modifiedMs: mtimeMs } }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('takes the object, whatever became of the file', async () => {
  await store.put(picture.source, picture.md5)
  await writeFile(picture.source, 'another!!')
  expect(await findRecorded(store, picture)).toBe(store.pathOf(picture.md5))
})

it('takes the file as long as it has the same bytes, also when it was touched', async () => {
  expect(await findRecorded(store, picture)).toBe(picture.source)
  await utimes(picture.source, 1, 1)
  expect(await findRecorded(store, picture)).toBe(picture.source)
})

it.each([
  ['is gone', (source: string) => rm(source)],
  ['is no longer the one', (source: string) => writeFile(source, 'longer than it was')],
])('refuses a file that %s', async (what, change) => {
  await change(picture.source)
  await expect(findRecorded(store, picture)).rejects.toMatchObject({
    code: 'MEDIA_MISSING',
    message: expect.stringContaining(what) as string,
  })
})

it('refuses other bytes of the same size', async () => {
  await writeFile(picture.source, 'as it wos')
  await utimes(picture.source, 1, 1)
  await expect(findRecorded(store, picture)).rejects.toMatchObject({ code: 'MEDIA_MISSING' })
})
