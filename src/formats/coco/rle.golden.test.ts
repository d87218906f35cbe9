import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { compressCounts, decodeMask, decompressCounts, encodeMask, maskArea, maskBounds } from '#base'

interface Golden {
  tool: string
  cases: {
    size: [number, number]
    counts: number[]
    compressed: string
    area: number
    box: [number, number, number, number]
  }[]
}

it('agrees with pycocotools about run lengths, text, area and box', async () => {
  const golden = JSON.parse(await readFile(new URL('rle.golden.json', import.meta.url), 'utf8')) as Golden
  expect(golden.tool).toMatch(/^pycocotools \d/)
  expect(golden.cases.length).toBeGreaterThan(20)
  for (const { size, counts, compressed, area, box } of golden.cases) {
    const mask = { type: 'mask' as const, size, counts }
    expect(decompressCounts(compressed)).toEqual(counts)
    expect(compressCounts(counts)).toBe(compressed)
    expect(encodeMask(decodeMask(mask), size[1], size[0])).toEqual(mask)
    expect(maskArea(mask)).toBe(area)
    const bounds = maskBounds(mask)
    expect(bounds ? [bounds.x, bounds.y, bounds.w, bounds.h] : [0, 0, 0, 0]).toEqual(box)
  }
})
