import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { encodePng, type PaletteColor } from './png-pixels.ts'

/**
 * Writes a mask as a PNG of one channel, making its folder: 8-bit grey or, with a palette, indices for a Uint8Array; 16-bit grey for
 * a Uint16Array. Pixels go row by row. Throws RangeError when sizes or palette do not fit the pixels.
 */
export async function writeMaskPng(
  path: string,
  pixels: Uint8Array | Uint16Array,
  width: number,
  height: number,
  options: { palette?: readonly PaletteColor[] } = {},
): Promise<void> {
  const bytes = encodePng(pixels, width, height, options)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}
