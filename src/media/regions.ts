import { MediaFault } from './problem.ts'
import type { MaskRegion } from './types.ts'

/**
 * Run lengths of every distinct value in one pass: the same as encoding `pixels === value` for each value by itself
 * (encodeMask of #base), in O(pixels + runs) rather than O(pixels × values). Regions come in rising order of value.
 * `pixels`: row by row, `width * height` entries. Throws MediaFault mask-unreadable above `maxRegions` distinct values.
 */
export function encodeRegions(
  pixels: Uint8Array | Uint16Array | Uint32Array,
  width: number,
  height: number,
  ignore: ReadonlySet<number>,
  maxRegions = Infinity,
): MaskRegion[] {
  const byValue = new Map<number, { counts: number[]; end: number }>()
  const total = width * height
  let current = -1
  let start = 0
  const close = (end: number): void => {
    if (current < 0 || ignore.has(current)) return
    let region = byValue.get(current)
    if (!region) {
      if (byValue.size >= maxRegions) {
        throw new MediaFault(
          'mask-unreadable',
          `Expected a few values that stand for classes, got a picture with more than ${maxRegions} colours.`,
          'Point to the mask; this looks like a photograph.',
        )
      }
      region = { counts: [], end: 0 }
      byValue.set(current, region)
    }
    region.counts.push(start - region.end, end - start)
    region.end = end
  }
  // Column by column, as COCO orders the pixels of a mask.
  for (let x = 0, at = 0; x < width; x++) {
    for (let i = x; i < total; i += width, at++) {
      const value = pixels[i]!
      if (value === current) continue
      close(at)
      current = value
      start = at
    }
  }
  close(total)
  return [...byValue]
    .sort(([a], [b]) => a - b)
    .map(([value, { counts, end }]) => {
      if (end < total) counts.push(total - end)
      return { value, mask: { type: 'mask', size: [height, width], counts } }
    })
}
