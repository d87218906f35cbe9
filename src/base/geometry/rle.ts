import type { Box, MaskGeometry } from '#contract'

/**
 * Run-length encoding of a binary mask, as COCO defines it (pycocotools `maskApi.c`): column by column,
 * runs alternate background and foreground, the first run is background and may be 0.
 */

/** Encodes row-major pixels (non-zero = foreground), `pixels.length === width * height`. */
export function encodeMask(pixels: Uint8Array, width: number, height: number): MaskGeometry {
  const counts: number[] = []
  let current = 0
  let run = 0
  for (let x = 0; x < width; x++) {
    for (let i = x, y = 0; y < height; y++, i += width) {
      const value = pixels[i] ? 1 : 0
      if (value === current) run++
      else {
        counts.push(run)
        run = 1
        current = value
      }
    }
  }
  counts.push(run)
  return { type: 'mask', size: [height, width], counts }
}

/** Row-major pixels, 1 = foreground. Runs beyond the image are cut. */
export function decodeMask(mask: MaskGeometry): Uint8Array {
  const [height, width] = mask.size
  const pixels = new Uint8Array(width * height)
  let at = 0
  for (let i = 0; i < mask.counts.length; i++) {
    const end = Math.min(at + mask.counts[i]!, pixels.length)
    if (i % 2 === 1) {
      for (let k = at; k < end; k++) pixels[(k % height) * width + Math.floor(k / height)] = 1
    }
    at = end
  }
  return pixels
}

/** Foreground pixels. */
export function maskArea(mask: MaskGeometry): number {
  let area = 0
  for (let i = 1; i < mask.counts.length; i += 2) area += mask.counts[i]!
  return area
}

/** Smallest box of whole pixels around the foreground; null when there is none. */
export function maskBounds(mask: MaskGeometry): Box | null {
  const [height] = mask.size
  let at = 0
  let left = Infinity
  let right = -1
  let top = Infinity
  let bottom = -1
  for (let i = 0; i < mask.counts.length; i++) {
    const run = mask.counts[i]!
    if (i % 2 === 1 && run > 0) {
      const last = at + run - 1
      const firstColumn = Math.floor(at / height)
      const lastColumn = Math.floor(last / height)
      left = Math.min(left, firstColumn)
      right = Math.max(right, lastColumn)
      if (firstColumn === lastColumn) {
        top = Math.min(top, at % height)
        bottom = Math.max(bottom, last % height)
      } else {
        top = 0
        bottom = height - 1
      }
    }
    at += run
  }
  return right < 0 ? null : { x: left, y: top, w: right - left + 1, h: bottom - top + 1 }
}

/** COCO's compressed string: LEB128-like, 5 bits a character from '0', deltas to the run two before. */
export function compressCounts(counts: readonly number[]): string {
  let text = ''
  for (let i = 0; i < counts.length; i++) {
    let value = counts[i]! - (i > 2 ? counts[i - 2]! : 0)
    let more = true
    while (more) {
      let chunk = value & 0x1f
      value >>= 5
      more = chunk & 0x10 ? value !== -1 : value !== 0
      if (more) chunk |= 0x20
      text += String.fromCharCode(chunk + 48)
    }
  }
  return text
}

/** Inverse of {@link compressCounts}. Throws RangeError on text that ends inside a number. */
export function decompressCounts(text: string): number[] {
  const counts: number[] = []
  let at = 0
  while (at < text.length) {
    let value = 0
    let shift = 0
    let more = true
    while (more) {
      const chunk = text.charCodeAt(at++) - 48
      if (Number.isNaN(chunk) || chunk < 0 || chunk > 63) throw new RangeError(`Broken run-length text at ${at - 1}.`)
      value |= (chunk & 0x1f) << shift
      shift += 5
      more = (chunk & 0x20) !== 0
      if (!more && chunk & 0x10 && shift < 32) value |= -1 << shift
    }
    counts.push(counts.length > 2 ? value + counts[counts.length - 2]! : value)
  }
  return counts
}
