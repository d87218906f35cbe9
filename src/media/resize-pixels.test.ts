import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { resizePixels } from './resize-pixels.ts'
import type { Pixels } from './resized.ts'

function makePattern(widthPx: number, heightPx: number): Pixels {
  const data = new Uint8Array(3 * widthPx * heightPx)
  for (let y = 0, at = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++)
      for (let c = 0; c < 3; c++) data[at++] = x * x * (c + 3) + y * y * 7 + x * y * (5 - c)
  return { data, widthPx, heightPx }
}

describe('resizePixels', () => {
  // First 16 digits of the SHA-256 of Image.resize(...).tobytes() of the same pattern, Pillow 13.0.0.
  test.each([
    ['bilinear', 5, 4, '13af7689b4584824'],
    ['bilinear', 60, 40, 'c1cb9f324874079a'],
    ['bilinear', 47, 12, '78395ac4f1868ef3'],
    ['bilinear', 20, 45, 'ecbf1ee000365428'],
    ['bicubic', 5, 4, 'ca5cdfe557c8c0ac'],
    ['bicubic', 60, 40, 'f860cf8d28fbb6a7'],
    ['bicubic', 47, 12, 'be99067a2e5dd4e8'],
    ['bicubic', 20, 45, 'd3e66c799ba30f7d'],
    ['lanczos', 5, 4, '15f05b1cf6ac425a'],
    ['lanczos', 60, 40, 'c1c1aaee81d4de39'],
    ['lanczos', 47, 12, '408baa1f2f16f412'],
    ['lanczos', 20, 45, '58b6bae0260dcc9d'],
  ] as const)('gives what Pillow gives: %s to %i × %i', (kernel, width, height, digest) => {
    const { data, widthPx, heightPx } = resizePixels(makePattern(47, 31), [width, height], kernel)
    expect([widthPx, heightPx]).toEqual([width, height])
    expect(createHash('sha256').update(data).digest('hex').slice(0, 16)).toBe(digest)
  })

  test('gives the same pixels for the same size', () => {
    const pattern = makePattern(9, 7)
    expect(resizePixels(pattern, [9, 7], 'bicubic')).toEqual(pattern)
  })
})
