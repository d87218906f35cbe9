import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { corruptPicture, turnOf, type CorruptionName } from './corrupt.ts'
import { defaultLimits } from './types.ts'

const [width, height] = [120, 80]
let folder: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-corrupt-'))
  file = join(folder, 'grey.png')
  // Grey, with a bright bar to the right of the middle.
  const data = Uint8Array.from({ length: width * height }, (_, i) => (i % width >= 60 && i % width < 80 ? 160 : 90))
  await sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toFile(file)
})
afterAll(() => rm(folder, { recursive: true }))

const corrupt = async (corruption: CorruptionName, severity: number, seed = 0) =>
  sharp(await corruptPicture(file, { corruption, severity, seed }, defaultLimits))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })

const mean = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('a picture made worse', () => {
  test.each(['noise', 'blur', 'brightness', 'jpeg', 'rotation'] as const)('keeps its size under %s', async (name) => {
    const mild = await corrupt(name, 1)
    const strong = await corrupt(name, 5)
    expect([mild.info.width, mild.info.height]).toEqual([width, height])
    const clean = await sharp(file).greyscale().raw().toBuffer()
    const harm = ({ data }: { data: Uint8Array }) => mean(data.map((value, i) => Math.abs(value - clean[i]!)))
    expect(harm(mild)).toBeGreaterThan(0)
    expect(harm(strong)).toBeGreaterThan(harm(mild))
  })

  test('noise has the strength it says, and comes again with its seed', async () => {
    const one = await corruptPicture(file, { corruption: 'noise', severity: 1, seed: 7 }, defaultLimits)
    expect(await corruptPicture(file, { corruption: 'noise', severity: 1, seed: 7 }, defaultLimits)).toEqual(one)
    expect(await corruptPicture(file, { corruption: 'noise', severity: 1, seed: 8 }, defaultLimits)).not.toEqual(one)
    const { data } = await sharp(one).raw().toBuffer({ resolveWithObject: true })
    const left = Array.from(data).filter((_, i) => Math.floor(i / 3) % width < 60)
    const centre = left.reduce((sum, value) => sum + value, 0) / left.length
    const sigma = Math.sqrt(left.reduce((sum, value) => sum + (value - centre) ** 2, 0) / left.length)
    expect(centre).toBeCloseTo(90, 0)
    expect(Math.abs(sigma - 0.08 * 255)).toBeLessThan(0.5)
  })

  test('brightness adds to every pixel', async () => {
    const { data } = await corrupt('brightness', 2)
    expect([data[0], data[65]]).toEqual([141, 211])
  })

  test('a turn leads pixels round the centre, clockwise, and leaves no black corner', async () => {
    const { data } = await corrupt('rotation', 5)
    expect(turnOf('rotation', 5)).toBe(10)
    expect(turnOf('blur', 5)).toBe(0)
    expect(Math.min(...data)).toBeGreaterThan(80)
    const centreOf = (row: number): number => {
      const bright = Array.from({ length: width }, (_, x) => x).filter((x) => data[row * width + x]! > 130)
      return bright.reduce((sum, x) => sum + x, 0) / bright.length
    }
    // The upper part of a bar goes to the right when it is turned clockwise.
    const slope = (centreOf(10) - centreOf(70)) / 60
    expect(slope).toBeCloseTo(Math.tan((10 * Math.PI) / 180), 1)
  })
})
