import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { walkFiles } from '#base'
import type { FaultRecord } from './faults.ts'

/** Runs `work` with a fresh folder, which goes away afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-demo-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** One hash over names and contents of all files below a folder. */
export async function hashTree(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const { path, relative } of await walkFiles(folder)) hash.update(`${relative}\0`).update(await readFile(path))
  return hash.digest('hex')
}

export interface Grey {
  width: number
  height: number
  pixels: Uint8Array
}

export async function readGrey(file: string): Promise<Grey> {
  const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, pixels: data }
}

export function meanOf({ pixels }: Grey): number {
  return pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length
}

/** Mean square of the four-neighbour Laplacian, over the square of the mean brightness. */
export function edgeEnergyOf(picture: Grey): number {
  const { width, height, pixels } = picture
  let sum = 0
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      const around = pixels[i - 1]! + pixels[i + 1]! + pixels[i - width]! + pixels[i + width]!
      sum += (4 * pixels[i]! - around) ** 2
    }
  }
  return sum / ((width - 2) * (height - 2)) / meanOf(picture) ** 2
}

/** Mean brightness under the mask, and in a ring of `reachPx` around it; pixels near the picture's border do not count. */
export function contrastAt(picture: Grey, mask: Grey, reachPx = 6, borderPx = 10): { inside: number; ring: number } {
  const { width, height } = picture
  const sums = { inside: 0, insideCount: 0, ring: 0, ringCount: 0 }
  const near = (x: number, y: number): boolean => {
    for (let dy = -reachPx; dy <= reachPx; dy += 2) {
      for (let dx = -reachPx; dx <= reachPx; dx += 2) if (mask.pixels[(y + dy) * width + x + dx]! > 127) return true
    }
    return false
  }
  for (let y = borderPx; y < height - borderPx; y++) {
    for (let x = borderPx; x < width - borderPx; x++) {
      const i = y * width + x
      if (mask.pixels[i]! > 127) {
        sums.inside += picture.pixels[i]!
        sums.insideCount++
      } else if (near(x, y)) {
        sums.ring += picture.pixels[i]!
        sums.ringCount++
      }
    }
  }
  return { inside: sums.inside / sums.insideCount, ring: sums.ring / sums.ringCount }
}

export interface FaultsFile {
  seed: number
  version: number
  faults: FaultRecord[]
  surfaces: string[][]
  cameras: { make: string; model: string; gain: number }[]
}

export async function readFaults(folder: string): Promise<FaultsFile> {
  return JSON.parse(await readFile(join(folder, 'faults.json'), 'utf8')) as FaultsFile
}
