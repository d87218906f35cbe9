import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRng, encodeMask } from '#base'
import { readMask } from './mask.ts'
import { encodePng, readPngSamples, type PaletteColor } from './png-pixels.ts'
import { encodeRegions } from './regions.ts'
import { defaultLimits, type MaskResult, type MaskTask } from './types.ts'
import { writeMaskPng } from './write-mask.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-mask-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let made = 0
async function read(
  bytes: Uint8Array,
  task: Partial<MaskTask> = {},
  size = null as null | { width: number; height: number },
): Promise<MaskResult> {
  const file = join(folder, `${made++}.png`)
  await writeFile(file, bytes)
  return readMask({ file, values: 'auto', ignore: [0], ...task }, defaultLimits, size)
}

async function regionsOf(bytes: Uint8Array, task: Partial<MaskTask> = {}): Promise<[string, ...number[]]> {
  const result = await read(bytes, task)
  if (!result.ok) throw new Error(result.problem.what)
  return [result.values, ...result.regions.map(({ value }) => value)]
}

/** A picture 16 px wide with rows of the given values, 16 pixels each. */
const rows = (...values: number[]): Uint8Array =>
  Uint8Array.from(values.flatMap((value) => Array.from({ length: 16 }, () => value)))
const gray = (...values: number[]): Buffer => encodePng(rows(...values), 16, values.length)
const palette: PaletteColor[] = Array.from({ length: 256 }, (_, i) => [i, (i * 7) % 256, 255 - i])

describe('values of a mask', () => {
  test('palette indices are kept, the void border left out', async () => {
    const png = encodePng(rows(0, 1, 15, 255), 16, 4, { palette })
    expect(await regionsOf(png, { ignore: [0, 255] })).toEqual(['index', 1, 15])
    expect(await regionsOf(png, { values: 'index', ignore: [] })).toEqual(['index', 0, 1, 15, 255])
    expect(await regionsOf(png, { values: 'binary' })).toEqual(['binary', 255])
  })

  test.each([
    ['0 and 255', [0, 255], ['binary', 255]],
    ['nothing at all', [0, 0], ['binary']],
    ['0 and 1', [0, 1], ['index', 1]],
    ['class numbers', [0, 3, 7, 12], ['index', 3, 7, 12]],
    ['class numbers up to 150, as ADE20K has', [0, 4, 13, 150], ['index', 4, 13, 150]],
    ['class numbers and a void of 255', [0, 3, 7, 255], ['index', 3, 7, 255]],
    ['a half-way grey beside much white', [0, 128, 255, 255], ['binary', 255]],
    ['greys up to near white', [0, 5, 90, 250, 255], ['binary', 255]],
  ] as const)('%s', async (_, values, expected) => {
    expect(await regionsOf(gray(...values))).toEqual(expected)
  })

  test('antialiasing around a shape is no class', async () => {
    const svg = Buffer.from('<svg width="90" height="90"><circle cx="45" cy="45" r="30.3" fill="white"/></svg>')
    const png = await sharp(svg).flatten({ background: 'black' }).toColourspace('b-w').png().toBuffer()
    expect(await regionsOf(png)).toEqual(['binary', 255])
  })

  test('declaring 255 void means that values are numbers', async () => {
    expect(await regionsOf(gray(0, 90, 250, 255), { ignore: [0, 255] })).toEqual(['index', 90, 250])
  })

  test('binary cuts at half the range, and at 1 where nothing is larger', async () => {
    const result = await read(gray(0, 127, 128, 255), { values: 'binary' })
    expect(result).toMatchObject({ ok: true, regions: [{ value: 255, mask: encodeMask(rows(0, 0, 1, 1), 16, 4) }] })
    expect(await regionsOf(gray(0, 1), { values: 'binary' })).toEqual(['binary', 255])
  })

  test('16-bit numbers come whole, from PNG and TIFF', async () => {
    const wide = Uint16Array.from({ length: 64 }, (_, i) => [0, 300, 40_000, 65_535][i >> 4]!)
    expect(await regionsOf(encodePng(wide, 16, 4), { values: 'index' })).toEqual(['index', 300, 40_000, 65_535])
    const tiff = await sharp(wide, { raw: { width: 16, height: 4, channels: 1 } })
      .toColourspace('grey16')
      .tiff({ compression: 'lzw' })
      .toBuffer()
    expect(await regionsOf(tiff, { values: 'index' })).toEqual(['index', 300, 40_000, 65_535])
    const few = Uint16Array.from({ length: 32 }, (_, i) => (i < 16 ? 0 : 2))
    expect(await regionsOf(encodePng(few, 16, 2))).toEqual(['index', 2])
  })

  test.each([1, 2, 4])('%i-bit files', async (bits) => {
    const last = 2 ** bits - 1
    const colors = Buffer.from([...rows(0, 1, last)].flatMap((value) => [value * 16, 0, 0]))
    const png = await sharp(colors, { raw: { width: 16, height: 3, channels: 3 } })
      .png({ palette: true, colours: 2 ** bits, effort: 1 })
      .toBuffer()
    const samples = readPngSamples(png)
    expect(samples.isPalette).toBe(true)
    expect(samples.depth).toBeLessThanOrEqual(bits)
    const [kind, ...values] = await regionsOf(png, { ignore: [] })
    expect([kind, values.length]).toEqual(['index', bits === 1 ? 2 : 3])
  })

  test('JPEG masks are binary, however values blurred', async () => {
    const jpeg = await sharp(gray(...Array.from({ length: 16 }, (_, i) => (i < 8 ? 0 : 255))))
      .jpeg({ quality: 40 })
      .toBuffer()
    expect(await regionsOf(jpeg)).toEqual(['binary', 255])
  })

  test('colours are values; a colour file of greys counts as grey', async () => {
    const colors = Buffer.from(
      [...rows(0, 1, 2)].flatMap(
        (v) =>
          [
            [0, 0, 0],
            [128, 0, 0],
            [0, 128, 0],
          ][v]!,
      ),
    )
    const png = await sharp(colors, { raw: { width: 16, height: 3, channels: 3 } })
      .png()
      .toBuffer()
    expect(await regionsOf(png)).toEqual(['index', 0x008000, 0x800000])
    const even = await sharp(gray(0, 3, 5))
      .toColourspace('srgb')
      .png()
      .toBuffer()
    expect(readPngSamples(even).channels).toBe(3)
    expect(await regionsOf(even)).toEqual(['index', 3, 5])
  })
})

describe('bad masks', () => {
  test('another size than the image', async () => {
    expect(await read(gray(0, 1), {}, { width: 16, height: 2 })).toMatchObject({ ok: true })
    expect(await read(gray(0, 1), {}, { width: 16, height: 3 })).toMatchObject({
      ok: false,
      problem: { code: 'mask-size', what: expect.stringContaining('16 × 3 px as the image has, got 16 × 2 px') },
    })
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('not a picture')],
    ['a cut file', encodePng(rows(...Array.from({ length: 99 }, (_, i) => (i * 37) % 251)), 16, 99).subarray(0, 120)],
  ])('%s cannot be read', async (_, bytes) => {
    expect(await read(bytes)).toMatchObject({
      ok: false,
      problem: { code: 'mask-unreadable', fix: expect.any(String) },
    })
  })

  test('a photograph is no mask', async () => {
    const rng = createRng(3)
    const noise = Buffer.from(Array.from({ length: 60 * 60 * 3 }, () => Math.floor(rng.next() * 256)))
    const png = await sharp(noise, { raw: { width: 60, height: 60, channels: 3 } })
      .png()
      .toBuffer()
    expect(await read(png)).toMatchObject({
      ok: false,
      problem: { code: 'mask-unreadable', what: expect.stringContaining('colours') },
    })
  })

  test('one that does not exist', async () => {
    const result = await readMask({ file: join(folder, 'gone.png'), values: 'auto', ignore: [] }, defaultLimits)
    expect(result).toMatchObject({ ok: false, problem: { code: 'mask-unreadable' } })
  })
})

test('regions are what encoding each value by itself gives', () => {
  const mask = fc.integer({ min: 1, max: 9 }).chain((width) =>
    fc.record({
      width: fc.constant(width),
      pixels: fc
        .integer({ min: 1, max: 9 })
        .chain((height) => fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 3 })),
    }),
  )
  fc.assert(
    fc.property(mask, ({ width, pixels }) => {
      const height = pixels.length / width
      const regions = encodeRegions(pixels, width, height, new Set([0]))
      const values = [...new Set(pixels)].filter((value) => value !== 0).sort((a, b) => a - b)
      expect(regions).toEqual(
        values.map((value) => ({
          value,
          mask: encodeMask(
            pixels.map((p) => (p === value ? 1 : 0)),
            width,
            height,
          ),
        })),
      )
    }),
  )
})

describe('PNG files', () => {
  test.each(['8-bit', '16-bit', 'palette'])('%s masks come back as they were written', async (kind) => {
    const wide = kind === '16-bit'
    const values = Array.from({ length: 77 }, (_, i) => (i * 911) % (wide ? 65_536 : 256))
    const pixels = wide ? Uint16Array.from(values) : Uint8Array.from(values)
    const file = join(folder, 'written', `${kind}.png`)
    await writeMaskPng(file, pixels, 11, 7, kind === 'palette' ? { palette } : {})
    const bytes = await readFile(file)
    expect(readPngSamples(bytes)).toMatchObject({ data: pixels, width: 11, height: 7, isPalette: kind === 'palette' })
    // Another reader agrees.
    const image = sharp(bytes)
    if (wide) image.toColourspace('grey16')
    const { data, info } = await image.raw({ depth: wide ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true })
    const seen = values.map((_, i) => (wide ? data.readUInt16LE(i * 2 * info.channels) : data[i * info.channels]))
    expect(seen).toEqual(kind === 'palette' ? values.map((value) => palette[value]![0]) : values)
  })

  test('sizes and palettes that do not fit are refused', async () => {
    expect(() => encodePng(new Uint8Array(5), 2, 2)).toThrow(RangeError)
    expect(() => encodePng(new Uint16Array(4), 2, 2, { palette })).toThrow(RangeError)
    expect(() => encodePng(new Uint8Array([9]), 1, 1, { palette: [[0, 0, 0]] })).toThrow('below 1, got 9')
  })

  test.each([
    { name: 'grey', channels: 1 as const, options: {} },
    { name: 'grey, interlaced', channels: 1 as const, options: { progressive: true } },
    { name: 'colour with alpha', channels: 4 as const, options: { adaptiveFiltering: true } },
    { name: 'colour, interlaced', channels: 3 as const, options: { progressive: true, adaptiveFiltering: true } },
  ])('$name is decoded as libvips does', async ({ channels, options }) => {
    for (const [width, height] of [
      [1, 1],
      [3, 5],
      [13, 9],
      [50, 41],
    ] as const) {
      const noise = Buffer.from(Array.from({ length: width * height * channels }, (_, i) => ((i * i) >> 3) % 256))
      const image = sharp(noise, { raw: { width, height, channels } })
      if (channels === 1) image.toColourspace('b-w')
      const { data } = readPngSamples(await image.png(options).toBuffer())
      expect(Buffer.from(data.buffer)).toEqual(noise)
    }
  })
})
