import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { examineFile } from './examine.ts'
import { defaultLimits } from './types.ts'

interface Case {
  name: string
  kind: string
  width: number
  height: number
  seed: number
  /** Sum of all samples: tells whether this file's formulas still make the same picture. */
  pixels: number
  facts: Record<string, number | string>
}
const golden = JSON.parse(readFileSync(new URL('./golden.json', import.meta.url), 'utf8')) as {
  tools: Record<string, string>
  cases: Case[]
}

/** xorshift32 (Marsaglia 2003), upper byte of each state, as scripts/golden/media.py has it. */
function makeNoise(count: number, seed: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length: count }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 24
  })
}

function makePicture({ kind, width, height, seed }: Case): { data: Uint8Array; channels: 1 | 3 } {
  if (kind === 'color-noise') return { data: makeNoise(width * height * 3, seed), channels: 3 }
  if (kind === 'gray-noise') return { data: makeNoise(width * height, seed), channels: 1 }
  const channels = kind === 'checker' ? 1 : 3
  const data = new Uint8Array(width * height * channels)
  const grain = makeNoise(width * height, seed || 1)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += channels) {
      if (kind === 'checker') data[at] = (Math.floor(x / 8) + Math.floor(y / 8)) % 2 === 0 ? 30 : 220
      else if (kind === 'gradient') {
        data[at] = Math.floor((x * 255) / (width - 1))
        data[at + 1] = Math.floor((y * 255) / (height - 1))
        data[at + 2] = Math.floor(((x + y) * 255) / (width + height - 2))
      } else {
        const steps = (Math.floor((x * 7) / width) * 37 + Math.floor((y * 5) / height) * 71 + seed * 13) % 256
        const rough = grain[y * width + x]! >> 4
        data[at] = (steps + rough) % 256
        data[at + 1] = (steps * 3 + rough) % 256
        data[at + 2] = (255 - steps + rough) % 256
      }
    }
  }
  return { data, channels }
}

const countOnes = (bits: bigint): number => bits.toString(2).replaceAll('0', '').length

/** Percentiles of colour come from a histogram of 16384 steps; large pictures are averaged over blocks before blur is looked for. */
function toleranceOf(fact: string, isReduced: boolean): number {
  if (fact.startsWith('brightness_p')) return 0.5 / 16_383
  return fact === 'blur_score' && isReduced ? 0.02 : 1e-9
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-golden-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe(`facts as ${Object.entries(golden.tools)
  .map((tool) => tool.join(' '))
  .join(', ')} compute them`, () => {
  test.each(golden.cases)('$name, $width × $height', async (made) => {
    const { data, channels } = makePicture(made)
    expect(data.reduce((sum, value) => sum + value, 0)).toBe(made.pixels)
    const file = join(folder, `${made.name}.png`)
    const image = sharp(data, { raw: { width: made.width, height: made.height, channels } })
    if (channels === 1) image.toColourspace('b-w')
    await writeFile(file, await image.png().toBuffer())
    const result = await examineFile({ file, thumbnails: null, limits: defaultLimits, masks: [] })
    if (!result.ok) throw new Error(result.problem.what)
    const isReduced = Math.min(made.width, made.height) >= 1024
    for (const [name, expected] of Object.entries(made.facts)) {
      const got = result.facts[name as keyof typeof result.facts]
      if (typeof expected === 'string') {
        const distance = countOnes(BigInt(`0x${String(got)}`) ^ BigInt(`0x${expected}`))
        expect(distance, `${name}: ${String(got)} for ${expected}`).toBeLessThanOrEqual(isReduced ? 2 : 0)
      } else
        expect(Math.abs((got as number) - expected), `${name}: ${String(got)} for ${expected}`).toBeLessThanOrEqual(
          toleranceOf(name, isReduced),
        )
    }
  })
})
