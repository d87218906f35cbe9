import type { Box, MaskGeometry } from '#contract'

/**
 * Run-length encoding of a binary mask, as COCO defines it (pycocotools `maskApi.c`): column by column,
 * runs alternate background and foreground, the first run is background and may be 0.
 */

/** Encodes row-major pixels (non-zero = foreground), `pixels.length === width * height`. */
export function encodeMask(pixels: Uint8Array, width: number, height: number): MaskGeometry {
  const counts: number[] = []
  // Down the columns memory is read in leaps: only those that hold something are.
  const [from, to] = filledColumns(pixels, width, height)
  let current = 0
  let run = from * height
  for (let x = from; x < to; x++) {
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
  const after = (width - to) * height
  if (current === 0 || after === 0) counts.push(run + after)
  else counts.push(run, after)
  return { type: 'mask', size: [height, width], counts }
}

/** 1 where a picture of numbers has just this one. */
export function pickPixels(numbers: Uint8Array, number: number): Uint8Array {
  const picked = new Uint8Array(numbers.length)
  for (let i = 0; i < numbers.length; i++) picked[i] = numbers[i] === number ? 1 : 0
  return picked
}

/** The first column with a pixel set, and the one behind the last; both the width where there is none. */
function filledColumns(pixels: Uint8Array, width: number, height: number): [number, number] {
  let [from, last] = [width, -1]
  for (let y = 0, row = 0; y < height; y++, row += width) {
    for (let x = 0; x < from; x++) if (pixels[row + x]) from = x
    for (let x = width - 1; x > last; x--) if (pixels[row + x]) last = x
  }
  return last < 0 ? [width, width] : [from, last + 1]
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
