import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { encode } from 'fast-png'

/** Writes an index mask: 8-bit grey or palette, or 16-bit grey for 16-bit pixels. Folders are made as needed. */
export async function writeMaskPng(
  path: string,
  pixels: Uint8Array | Uint16Array,
  width: number,
  height: number,
  { palette }: { palette?: [number, number, number][] } = {},
): Promise<void> {
  const depth = pixels instanceof Uint16Array ? 16 : 8
  await mkdir(dirname(path), { recursive: true })
  await writeFile(
    path,
    encode({ width, height, data: pixels, depth, channels: 1, ...(palette && depth === 8 ? { palette } : {}) }),
  )
}
