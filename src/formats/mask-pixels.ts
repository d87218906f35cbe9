import { decodeMask, rasterizePolygon } from '#base'
import type { Label } from '#contract'

/** Row-major pixels a label covers, 1 = covered; null for labels that cover none, or lie in an image of another size. */
export function pixelsOfLabel(label: Label, width: number, height: number): Uint8Array | null {
  if (label.geometry?.type === 'polygon') return rasterizePolygon(label.geometry, width, height)
  if (label.geometry?.type !== 'mask') return null
  const [maskHeight, maskWidth] = label.geometry.size
  return maskWidth === width && maskHeight === height ? decodeMask(label.geometry) : null
}

/** Sets a value wherever a label's pixels are. */
export function paint(onto: Uint8Array | Uint16Array, pixels: Uint8Array, value: number): void {
  for (let i = 0; i < pixels.length; i++) if (pixels[i] !== 0) onto[i] = value
}

/**
 * The colours of Pascal VOC's masks, one for each of 256 values: the bits of the value, three at a time, spread over red, green
 * and blue from the highest bit down (VOCdevkit `VOClabelcolormap.m`).
 */
export function vocPalette(): [number, number, number][] {
  return Array.from({ length: 256 }, (_, value) => {
    const colour: [number, number, number] = [0, 0, 0]
    for (let bit = 7, rest = value; rest > 0; bit--, rest >>= 3) {
      for (const channel of [0, 1, 2] as const) colour[channel] |= ((rest >> channel) & 1) << bit
    }
    return colour
  })
}
