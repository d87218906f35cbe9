import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MediaFacts } from '#contract'
import { examineFile } from './examine.ts'
import { thumbnailPath } from './thumbnail.ts'
import { defaultLimits, type ExamineTask, type MediaProblem } from './types.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-media-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const noise = (length: number): Buffer => {
  let state = 9
  return Buffer.from(Array.from({ length }, () => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) >>> 16))
}
const picture = (width = 64, height = 48): Sharp =>
  sharp(noise(width * height * 3), { raw: { width, height, channels: 3 } })

let made = 0
async function put(bytes: Uint8Array, name = `${made++}.jpg`): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, bytes)
  return file
}

async function examine(file: string, task: Partial<ExamineTask> = {}): Promise<MediaFacts> {
  const result = await examineFile({ file, thumbnails: null, limits: defaultLimits, masks: [], ...task })
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.what}`)
  return result.facts
}

async function problemOf(file: string, task: Partial<ExamineTask> = {}): Promise<MediaProblem> {
  const result = await examineFile({ file, thumbnails: null, limits: defaultLimits, masks: [], ...task })
  if (result.ok) throw new Error('Expected a problem.')
  expect(result.problem.what).not.toBe('')
  expect(result.problem.fix).not.toBe('')
  return result.problem
}

describe('formats', () => {
  test.each([
    ['jpeg', { channels: 3, depth: 8, mode: 'rgb' }],
    ['png', { channels: 3, depth: 8, mode: 'rgb' }],
    ['webp', { channels: 3, depth: 8, mode: 'rgb' }],
    ['tiff', { channels: 3, depth: 8, mode: 'rgb' }],
    ['gif', { depth: 8, mode: 'rgb' }],
    ['avif', { channels: 3, depth: 8, mode: 'rgb' }],
  ] as const)('%s is known by its content under a wrong name', async (format, expected) => {
    const bytes = await picture().toFormat(format).toBuffer()
    const facts = await examine(await put(bytes, `wrong-${format}.bmp`))
    expect(facts).toMatchObject({
      format,
      width: 64,
      height: 48,
      aspect: 64 / 48,
      frames: 1,
      grayscale: false,
      ...expected,
    })
    expect(facts).toMatchObject({
      bytes: bytes.length,
      md5: createHash('md5').update(bytes).digest('hex'),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
  })

  test('grey pictures have one channel and no colour; a colour file of greys has three and none', async () => {
    const gray = await examine(await put(await picture().toColourspace('b-w').jpeg().toBuffer()))
    expect(gray).toMatchObject({ channels: 1, mode: 'gray', grayscale: true, saturation: 0 })
    const even = sharp({ create: { width: 9, height: 9, channels: 3, background: '#646464' } })
    const facts = await examine(await put(await even.png().toBuffer()))
    expect(facts).toMatchObject({
      channels: 3,
      mode: 'rgb',
      grayscale: true,
      brightness_p50: 100 / 255,
      entropy: 0,
      contrast: 0,
    })
    expect(facts.brightness).toBeCloseTo(100 / 255, 12)
  })

  test('16-bit samples are measured by their upper byte and reported with their depth', async () => {
    const raw = new Uint16Array(64).fill(0x80_40)
    const wide = sharp(raw, { raw: { width: 8, height: 8, channels: 1 } }).toColourspace('grey16')
    for (const bytes of [
      await wide.clone().png().toBuffer(),
      await wide.clone().tiff({ compression: 'lzw' }).toBuffer(),
    ]) {
      expect(await examine(await put(bytes))).toMatchObject({
        depth: 16,
        channels: 1,
        mode: 'gray',
        brightness: 128 / 255,
      })
    }
    const color = sharp(new Uint16Array(192).fill(0x40_00), {
      raw: { width: 8, height: 8, channels: 3 },
    }).toColourspace('rgb16')
    expect(await examine(await put(await color.png().toBuffer()))).toMatchObject({
      depth: 16,
      channels: 3,
      red: 64 / 255,
    })
  })

  test('CMYK becomes sRGB', async () => {
    const red = sharp({ create: { width: 16, height: 16, channels: 3, background: '#d02020' } })
    const facts = await examine(await put(await red.toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()))
    expect(facts).toMatchObject({ mode: 'cmyk', channels: 4, grayscale: false })
    expect(facts.red).toBeGreaterThan(0.7)
    expect(facts.green).toBeLessThan(0.3)
  })

  test.each(['gif', 'webp'] as const)('the first frame of an animated %s is the sample', async (format) => {
    const frames = Buffer.concat([
      Buffer.alloc(8 * 6 * 3, 255),
      Buffer.alloc(8 * 6 * 3, 0),
      Buffer.alloc(8 * 6 * 3, 90),
    ])
    const bytes = await sharp(frames, { raw: { width: 8, height: 18, channels: 3, pageHeight: 6 } })
      .toFormat(format, { loop: 0, delay: [10, 10, 10] })
      .toBuffer()
    expect(await examine(await put(bytes))).toMatchObject({ format, frames: 3, width: 8, height: 6, brightness_p1: 1 })
  })

  test('alpha counts as a channel and does not touch the statistics', async () => {
    const clear = sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 255, g: 255, b: 255, alpha: 0 } },
    })
    expect(await examine(await put(await clear.png().toBuffer()))).toMatchObject({
      channels: 4,
      mode: 'rgb',
      brightness_p1: 1,
    })
  })

  test('a palette counts as its colours', async () => {
    const bytes = await picture().png({ palette: true, colours: 4 }).toBuffer()
    expect(await examine(await put(bytes))).toMatchObject({ channels: 3, depth: 8, mode: 'rgb' })
  })
})

describe('orientation and EXIF', () => {
  // A white bar on the left of a black picture, as seen; each orientation stores it another way.
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %i is applied', async (orientation) => {
    const stored = sharp(noise(40 * 24 * 3), { raw: { width: 40, height: 24, channels: 3 } }).withMetadata({
      orientation,
    })
    const bytes = await stored.jpeg({ quality: 100 }).toBuffer()
    const file = await put(bytes)
    const lies = orientation >= 5
    const facts = await examine(file, { thumbnails: join(folder, 'turned') })
    expect(facts).toMatchObject({ width: lies ? 24 : 40, height: lies ? 40 : 24, 'exif.orientation': orientation })
    const upright = await sharp(bytes).autoOrient().png().toBuffer()
    expect(facts.phash).toBe((await examine(await put(upright))).phash)
    const thumbnail = await sharp(thumbnailPath(join(folder, 'turned'), facts.md5)).metadata()
    expect(thumbnail).toMatchObject({ width: facts.width, height: facts.height })
    expect(thumbnail.orientation ?? 1).toBe(1)
  })

  const camera = {
    IFD0: { Make: 'Acme  ', Model: 'X1' },
    IFD2: {
      DateTimeOriginal: '2024:05:01 12:30:00',
      OffsetTimeOriginal: '+02:00',
      ISOSpeedRatings: '400',
      FNumber: '28/10',
      ExposureTime: '1/250',
      FocalLength: '50/1',
    },
    IFD3: {
      GPSLatitudeRef: 'S',
      GPSLatitude: '33/1 51/1 0/1',
      GPSLongitudeRef: 'E',
      GPSLongitude: '151/1 12/1 0/1',
      GPSAltitude: '12/1',
    },
  }
  test.each(['jpeg', 'png', 'webp', 'avif'] as const)('tags of the camera are read from %s', async (format) => {
    const facts = await examine(await put(await picture().withExif(camera).toFormat(format).toBuffer()))
    expect(facts).toMatchObject({
      captured_at: '2024-05-01T10:30:00.000Z',
      'exif.make': 'Acme',
      'exif.model': 'X1',
      'exif.aperture': 2.8,
      'exif.iso': 400,
      'exif.shutter': 0.004,
      'exif.focal_length': 50,
      'exif.longitude': 151.2,
      'exif.altitude': 12,
    })
    expect(facts['exif.latitude']).toBeCloseTo(-33.85, 9)
  })

  test('a time without offset is taken as UTC, a time of zeros as none', async () => {
    const at = async (DateTimeOriginal: string): Promise<string | null> =>
      (await examine(await put(await picture().withExif({ IFD2: { DateTimeOriginal } }).jpeg().toBuffer()))).captured_at
    expect(await at('2024:05:01 12:30:00')).toBe('2024-05-01T12:30:00.000Z')
    expect(await at('0000:00:00 00:00:00')).toBeNull()
  })

  test('broken EXIF costs the tags, not the picture', async () => {
    const bytes = Buffer.from(await picture().withExif(camera).jpeg().toBuffer())
    const at = bytes.indexOf('Exif\0\0') + 6
    bytes.fill(0xff, at + 8, at + 60)
    expect(await examine(await put(bytes))).toMatchObject({ width: 64, 'exif.make': null })
  })

  test('files without EXIF have nulls', async () => {
    expect(await examine(await put(await picture().jpeg().toBuffer()))).toMatchObject({
      captured_at: null,
      'exif.orientation': null,
    })
  })
})

describe('bad files', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('a %s cut short is truncated', async (format) => {
    const options = format === 'tiff' ? { compression: 'lzw' } : {}
    const bytes = await picture().toFormat(format, options).toBuffer()
    for (const part of [0.4, 0.95]) {
      const problem = await problemOf(await put(bytes.subarray(0, Math.floor(bytes.length * part))))
      expect(problem.code, `${part} of a ${format}: ${problem.what}`).toBe('image-truncated')
    }
  })

  test.each([
    ['', 'image-empty', '0 bytes'],
    ['<!DOCTYPE html><html>404</html>', 'image-unsupported', 'HTML page'],
    ['version https://git-lfs.github.com/spec/v1\noid', 'image-unsupported', 'Git LFS'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image-unsupported', 'SVG'],
    ['%PDF-1.4', 'image-unsupported', 'PDF'],
    ['BM is how this text begins, and it goes on for a while', 'image-unsupported', 'unknown kind'],
    ['\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', 'image-unsupported', 'zero bytes only'],
    ['\xff\xd8\xff', 'image-truncated', 'header'],
    ['\x89PNG\r\n\x1a\n', 'image-truncated', 'header'],
    ['\xff\xd8\xff\xd9 and something after it', 'image-unreadable', 'no picture'],
  ])('%j is %s', async (content, code, what) => {
    const problem = await problemOf(await put(Buffer.from(content, 'latin1')))
    expect(problem).toMatchObject({ code, what: expect.stringContaining(what) })
  })

  test('more pixels than allowed are refused by the header', async () => {
    const file = await put(await picture(20, 10).png().toBuffer())
    expect(await problemOf(file, { limits: { maxPixels: 199 } })).toMatchObject({ code: 'image-too-large' })
    expect((await examine(file, { limits: { maxPixels: 200 } })).width).toBe(20)
    const bomb = Buffer.from(await picture(20, 10).png().toBuffer())
    bomb.writeUInt32BE(2 ** 31 - 1, 16)
    expect(await problemOf(await put(bomb))).toMatchObject({ code: 'image-too-large' })
    const flat = Buffer.from(await picture(20, 10).png().toBuffer())
    flat.writeUInt32BE(0, 16)
    expect(await problemOf(await put(flat))).toMatchObject({ code: 'image-unreadable' })
  })

  test('what is missing, a folder or a loop of links is told apart', async () => {
    expect(await problemOf(join(folder, 'gone.jpg'))).toMatchObject({ code: 'image-missing' })
    await mkdir(join(folder, 'folder.jpg'))
    expect(await problemOf(join(folder, 'folder.jpg'))).toMatchObject({ code: 'image-unreadable' })
    await symlink(join(folder, 'loop.jpg'), join(folder, 'loop.jpg'))
    expect(await problemOf(join(folder, 'loop.jpg'))).toMatchObject({
      code: 'image-unreadable',
      what: expect.stringContaining('ELOOP'),
    })
  })

  test.each(['a b.jpg', 'größe 测试 🦝.jpg', 'line\nbreak.jpg', 'quote\'".jpg'])(
    'a file may be called %j',
    async (name) => {
      expect((await examine(await put(await picture().jpeg().toBuffer(), name))).width).toBe(64)
    },
  )

  test('no bytes whatever make it throw', async () => {
    const samples = await Promise.all(
      (['jpeg', 'png', 'webp', 'tiff', 'gif'] as const).map((format) => picture(16, 12).toFormat(format).toBuffer()),
    )
    samples.push(
      Buffer.from(
        'BM' + '\0'.repeat(8) + '\x36\0\0\0\x28\0\0\0\x04\0\0\0\x04\0\0\0\x01\0\x08\0' + '\0'.repeat(60),
        'latin1',
      ),
    )
    const damage = fc.record({
      sample: fc.nat(samples.length - 1),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      flips: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(damage, async ({ sample, cut, flips }) => {
        const whole = samples[sample]!
        const bytes = Buffer.from(whole.subarray(0, Math.ceil(whole.length * cut)))
        for (const [where, value] of flips) if (bytes.length > 0) bytes[Math.floor(where * (bytes.length - 1))] = value
        const result = await examineFile({
          file: await put(bytes, 'damaged'),
          thumbnails: null,
          limits: { maxPixels: 1e6 },
          masks: [],
        })
        expect(result.ok ? result.facts.entropy >= 0 : result.problem.fix !== '').toBe(true)
      }),
      { seed: 1, numRuns: 150 },
    )
  })
})

describe('thumbnails', () => {
  test('lie by their MD5, fit into 256 px and are not enlarged', async () => {
    const thumbnails = join(folder, 'thumbs')
    const large = await examine(await put(await picture(600, 300).png().toBuffer()), { thumbnails })
    const path = thumbnailPath(thumbnails, large.md5)
    expect(path).toBe(join(thumbnails, large.md5.slice(0, 2), `${large.md5.slice(2)}.jpg`))
    expect(await sharp(path).metadata()).toMatchObject({ format: 'jpeg', width: 256, height: 128 })
    const small = await examine(await put(await picture(30, 20).webp().toBuffer()), { thumbnails })
    expect(await sharp(thumbnailPath(thumbnails, small.md5)).metadata()).toMatchObject({
      format: 'jpeg',
      width: 30,
      height: 20,
    })
    const strip = await examine(await put(await picture(2000, 1).png().toBuffer()), { thumbnails })
    expect(await sharp(thumbnailPath(thumbnails, strip.md5)).metadata()).toMatchObject({ width: 256, height: 1 })
    const left = await readdir(thumbnails, { recursive: true })
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('a small plain JPEG is its own thumbnail; one with EXIF is not, so that places stay private', async () => {
    const thumbnails = join(folder, 'own')
    const plain = await picture().jpeg().toBuffer()
    const facts = await examine(await put(plain), { thumbnails })
    expect(await readFile(thumbnailPath(thumbnails, facts.md5))).toEqual(plain)
    const tagged = await picture()
      .withExif({ IFD0: { Make: 'Acme' } })
      .jpeg()
      .toBuffer()
    const { md5 } = await examine(await put(tagged), { thumbnails })
    expect((await readFile(thumbnailPath(thumbnails, md5))).includes('Acme')).toBe(false)
  })

  test('transparency shows mid-grey', async () => {
    const thumbnails = join(folder, 'clear')
    const clear = sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 255, g: 255, b: 255, alpha: 0 } },
    })
    const { md5 } = await examine(await put(await clear.png().toBuffer()), { thumbnails })
    const [channel] = (await sharp(thumbnailPath(thumbnails, md5)).stats()).channels
    expect(channel!.mean).toBeCloseTo(128, 0)
  })

  test('one that exists is left alone', async () => {
    const thumbnails = join(folder, 'kept')
    const bytes = await picture(300, 300).jpeg().toBuffer()
    const path = thumbnailPath(thumbnails, createHash('md5').update(bytes).digest('hex'))
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, 'kept')
    await examine(await put(bytes), { thumbnails })
    expect(await readFile(path, 'utf8')).toBe('kept')
  })

  test('a colour profile shapes the thumbnail, not the statistics', async () => {
    const thumbnails = join(folder, 'profile')
    const green = sharp({ create: { width: 300, height: 300, channels: 3, background: '#40c040' } })
    const bytes = await green.withIccProfile('p3').png().toBuffer()
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer()
    const facts = await examine(await put(bytes), { thumbnails })
    expect(facts.red).toBeCloseTo(stored[0]! / 255, 9)
    const [red] = (await sharp(thumbnailPath(thumbnails, facts.md5)).stats()).channels
    expect(Math.abs(red!.mean - 0x40)).toBeLessThan(4)
    expect(Math.abs(stored[0]! - 0x40)).toBeGreaterThan(8)
  })

  test('a folder that cannot be written is no fault of the picture', async () => {
    const file = await put(Buffer.from('in the way'), 'in-the-way')
    const jpeg = await put(await picture(300, 300).jpeg().toBuffer())
    await expect(examineFile({ file: jpeg, thumbnails: file, limits: defaultLimits, masks: [] })).rejects.toThrow(
      /ENOTDIR|EEXIST/,
    )
  })
})
