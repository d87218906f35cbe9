import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { fitPixels } from './fit-pixels.ts'
import { readPixels, readResized, type ResizePlan } from './resized.ts'

const limits = { maxPixels: 1e8 }
const [width, height] = [900, 700]

/** Slow waves in three colours: what a lens shows, and no decoder may alias. */
function wavePixels(): Uint8Array {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++)
        data[at++] = 128 + 90 * Math.sin(x / (9 + channel) + channel) * Math.cos(y / (13 - channel))
  return data
}
const wave = () => sharp(wavePixels(), { raw: { width, height, channels: 3 } })

const plan: ResizePlan = { heightPx: 96, widthPx: 128, fit: 'shorter', crop: 0.875, kernel: 'cubic', pad: 114 }
const plans: [string, ResizePlan][] = [
  ['the middle', plan],
  ['squeezed', { ...plan, fit: 'exact', kernel: 'linear' }],
  ['letterbox', { ...plan, fit: 'letterbox', kernel: 'lanczos3', widthPx: 96 }],
  ['nearest', { ...plan, kernel: 'nearest' }],
]
const forms: [string, () => Promise<Buffer>][] = [
  ['PNG', () => wave().png().toBuffer()],
  ['JPEG', () => wave().jpeg({ quality: 95 }).toBuffer()],
  ['grey JPEG', () => wave().toColourspace('b-w').jpeg({ quality: 95 }).toBuffer()],
  ['JPEG on its side', () => wave().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer()],
]

describe('a large picture, shrunk by libvips, is to five levels what it is when shrunk here', () => {
  for (const [fit, each] of plans)
    for (const [form, encode] of forms)
      test(`${form}, ${fit}`, async () => {
        const bytes = await encode()
        for (const region of [undefined, { x: 60, y: 40, width: 620, height: 560 }]) {
          const { data, widthPx, heightPx } = await readPixels(bytes, limits, region)
          const expected = fitPixels({ data, width: widthPx, height: heightPx, channels: 3 }, each).data
          const found = await readResized(bytes, each, limits, region)
          expect([found.widthPx, found.heightPx]).toEqual([widthPx, heightPx])
          const planes = found.channels === 3 ? found.data : spread(found.data)
          expect(planes).toHaveLength(expected.length)
          expect(furthest(planes, expected)).toBeLessThanOrEqual(5)
        }
      })
})

const spread = (plane: Uint8Array): Uint8Array => Uint8Array.from([...plane, ...plane, ...plane])

const furthest = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
