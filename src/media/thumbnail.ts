import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'
import sharp from 'sharp'
import type { Pixels } from './decode.ts'
import type { ImageHeader } from './header.ts'

/** Longest side of a thumbnail, px. */
const sidePx = 256
const quality = 80
/** What shines through transparent pixels, so that neither black nor white drawings vanish. */
const behindAlpha = '#808080'

/** Where the thumbnail of an image lies, whether or not it was made yet. `md5`: of the image's bytes, 32 hex digits. */
export function thumbnailPath(folder: string, md5: string): string {
  return join(folder, md5.slice(0, 2), `${md5.slice(2)}.jpg`)
}

/** Makes the JPEG bytes of a thumbnail: at most 256 px on the longest side, never enlarged. */
export async function makeThumbnail(pixels: Pixels, header: ImageHeader, bytes: Buffer): Promise<Uint8Array> {
  const { data, width, height, channels } = pixels
  const isSmall = Math.max(width, height) <= sidePx
  const isPlainJpeg =
    header.format === 'jpeg' &&
    header.mode !== 'cmyk' &&
    header.orientation === 1 &&
    header.exif === null &&
    !header.hasIccProfile
  // Such a file is its own best thumbnail: encoding it again costs time and quality.
  if (isSmall && isPlainJpeg && bytes.length <= width * height * 3 + 4096) return bytes
  // A colour profile matters to the eye and not to statistics, so that the pixels at hand are without it: decode for the eye.
  const image =
    header.hasIccProfile && header.mode !== 'cmyk'
      ? sharp(bytes, { failOn: 'none', limitInputPixels: false, autoOrient: header.orientation !== 1 })
      : sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
  if (!isSmall) image.resize({ width: sidePx, height: sidePx, fit: 'inside', withoutEnlargement: true })
  if (header.hasAlpha || channels % 2 === 0) image.flatten({ background: behindAlpha })
  // One grey channel stays one: a third of the work.
  if (channels <= 2) image.toColourspace('b-w')
  // A second pass to shorten the Huffman tables saves a tenth of the bytes and costs a tenth of the time.
  return image.jpeg({ quality, optimiseCoding: false }).toBuffer()
}

let written = 0

/** Writes a file so that readers see all of it or nothing. Not synced to disk: a lost thumbnail is made again. */
export function writeThumbnail(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}-${threadId}-${written++}.tmp`
  try {
    try {
      writeFileSync(temporary, bytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(temporary, bytes)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
