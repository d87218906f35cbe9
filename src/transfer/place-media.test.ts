import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ExportSample } from '#formats'
import { createMediaPlacer } from './place-media.ts'

let isFull = false
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  return {
    ...real,
    copyFile: (from: string, to: string, mode: number) =>
      isFull
        ? Promise.reject(
            Object.assign(new Error(`ENOSPC: no space left on device, copyfile '${from}' -> '${to}'`), {
              code: 'ENOSPC',
              syscall: 'copyfile',
              path: from,
              dest: to,
            }),
          )
        : real.copyFile(from, to, mode),
  }
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-place-'))
  isFull = false
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const sampleOf = (file: string): ExportSample => ({ id: 's_1', file }) as unknown as ExportSample

test('a picture that is gone is named, with a way out', async () => {
  const { place, count } = createMediaPlacer(join(folder, 'out'), 'copy')
  await expect(place(sampleOf(join(folder, 'gone.jpg')), 'data/gone.jpg')).rejects.toMatchObject({
    code: 'MEDIA_UNREADABLE',
    hint: expect.stringContaining('--media none'),
  })
  expect(count()).toBe(0)
})

test('a full disk is no fault of the picture', async () => {
  const file = join(folder, 'a.jpg')
  await writeFile(file, 'picture')
  const { place, count } = createMediaPlacer(join(folder, 'out'), 'copy')
  isFull = true
  const target = join(folder, 'out/data/a.jpg')
  await expect(place(sampleOf(file), 'data/a.jpg')).rejects.toMatchObject({
    code: 'STORAGE_FULL',
    message: `${target} cannot be written: there is no space left.`,
  })
  isFull = false
  expect(await place(sampleOf(file), 'data/a.jpg')).toBe('data/a.jpg')
  expect(count()).toBe(1)
})
