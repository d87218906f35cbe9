import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { encode } from 'fast-png'
import sharp from 'sharp'

/** What would run if any page took it for markup. A file's name may hold it: there is no slash in it. */
export const hostile = '<img src=x onerror=window.__hit=1>'

/** Small pictures that all differ, at a tenth of a millisecond each. */
export async function writeSmallPictures(folder: string, count: number, from = 0): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let i = from; i < from + count; i++) {
    const data = new Uint8Array(20 * 15 * 3).map((_, at) => (at * (1 + (i % 7)) + i * 13) % 256)
    data.set([i & 255, i >> 8, 7])
    await writeFile(
      join(folder, `p${String(i).padStart(5, '0')}.png`),
      encode({ width: 20, height: 15, channels: 3, data }),
    )
  }
}

/** A flat JPEG, however large. */
export async function writePicture(file: string, width: number, height: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await sharp({ create: { width, height, channels: 3, background: { r: width % 256, g: height % 256, b: 90 } } })
    .jpeg({ quality: 60 })
    .toFile(file)
}

/** Vectors of two numbers, as numpy writes them: row i lies at (cos, sin) of i, so that a map of them is a ring. */
export function encodeRing(rows: number): Buffer {
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, 2), }`
  const padded = `${head}${' '.repeat(63 - ((10 + head.length) % 64))}\n`
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8])
  const values = Float32Array.from({ length: rows * 2 }, (_, at) => {
    const angle = (2 * Math.PI * (at >> 1)) / rows
    return at % 2 === 0 ? Math.cos(angle) : Math.sin(angle)
  })
  return Buffer.concat([start, Buffer.from(padded), Buffer.from(values.buffer)])
}
