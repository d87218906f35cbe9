import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { examineFile } from './examine.ts'
import { createMediaPool } from './pool.ts'
import { imageExtensions, isImagePath } from './sniff.ts'
import { defaultLimits, type ExamineTask, type MediaPool } from './types.ts'

let folder: string
let pool: MediaPool | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-pool-'))
  const image = sharp({ create: { width: 40, height: 30, channels: 3, background: '#4080c0' } })
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      image
        .clone()
        .resize(40 + i, 30)
        .jpeg()
        .toFile(join(folder, `${i}.jpg`)),
    ),
  )
  await writeFile(join(folder, 'bad.jpg'), '')
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(async () => {
  await pool?.close()
  pool = undefined
})

const taskOf = (name: string): ExamineTask => ({
  file: join(folder, name),
  thumbnails: null,
  limits: defaultLimits,
  masks: [],
})

test('threads give what one thread gives, each answer to its own task', async () => {
  pool = createMediaPool({ threads: 2 })
  const names = [...Array.from({ length: 60 }, (_, i) => `${i}.jpg`), 'bad.jpg', 'gone.jpg']
  const results = await Promise.all(names.map((name) => pool!.examine(taskOf(name))))
  expect(results).toEqual(await Promise.all(names.map((name) => examineFile(taskOf(name)))))
  expect(results.map((result) => (result.ok ? result.facts.width : result.problem.code))).toEqual([
    ...Array.from({ length: 60 }, (_, i) => 40 + i),
    'image-empty',
    'image-missing',
  ])
  expect(pool.concurrency).toBeGreaterThan(2)
})

test('what is said of a broken picture does not depend on what is decoded beside it', async () => {
  // libvips keeps one list of messages for the whole process: here many pictures write to it and clear it at once.
  const noise = sharp(Buffer.from(Array.from({ length: 120 * 90 * 3 }, (_, i) => (i * 7919) % 251)), {
    raw: { width: 120, height: 90, channels: 3 },
  })
  const formats = ['jpeg', 'png', 'webp'] as const
  for (const format of formats) {
    const bytes = await noise.clone().toFormat(format).toBuffer()
    await writeFile(join(folder, `cut.${format}`), bytes.subarray(0, Math.trunc(bytes.length * 0.6)))
  }
  pool = createMediaPool({ threads: 2 })
  const names = Array.from({ length: 200 }, (_, i) => (i % 4 === 3 ? `${i % 60}.jpg` : `cut.${formats[i % 4]!}`))
  const results = await Promise.all(names.map((name) => pool!.examine(taskOf(name))))
  results.forEach((result, i) => {
    if (i % 4 === 3) return expect(result.ok).toBe(true)
    expect(result).toMatchObject({ ok: false, problem: { code: 'image-truncated' } })
    const others = formats.filter((_, other) => other !== i % 4)
    if (!result.ok) expect(result.problem.what).not.toMatch(new RegExp(others.join('|'), 'i'))
  })
})

test('a cancelled task rejects at once, the others are answered', async () => {
  pool = createMediaPool({ threads: 1 })
  const controller = new AbortController()
  const others = Array.from({ length: 30 }, (_, i) => pool!.examine(taskOf(`${i}.jpg`)))
  const gone = pool.examine(taskOf('31.jpg'), controller.signal)
  controller.abort()
  await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect(pool.examine(taskOf('1.jpg'), controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
  expect((await Promise.all(others)).every((result) => result.ok)).toBe(true)
})

test('closing rejects what is open, twice is fine, and nothing is taken after', async () => {
  pool = createMediaPool({ threads: 1 })
  const open = Promise.allSettled(Array.from({ length: 60 }, (_, i) => pool!.examine(taskOf(`${i}.jpg`))))
  await pool.close()
  await pool.close()
  expect((await open).some((result) => result.status === 'rejected')).toBe(true)
  await expect(pool.examine(taskOf('1.jpg'))).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('a folder of thumbnails that cannot be written stops the work', async () => {
  pool = createMediaPool({ threads: 1 })
  const file = join(folder, '1.jpg')
  await expect(pool.examine({ ...taskOf('1.jpg'), thumbnails: file })).rejects.toMatchObject({
    code: 'STORAGE_DENIED',
    message: expect.stringContaining(file),
  })
})

test('image names', () => {
  expect(['a.JPG', 'b/c.tiff', 'x.jpeg', 'y.bmp', 'z.avif'].every(isImagePath)).toBe(true)
  expect(['a.txt', 'jpg', '.jpg', 'a.jpg.json', ''].some(isImagePath)).toBe(false)
  expect(imageExtensions.has('.png')).toBe(true)
})
