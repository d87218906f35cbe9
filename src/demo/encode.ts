import sharp, { type Exif } from 'sharp'
import type { Rng } from '#base'
import type { CopyWay, Corruption } from './faults.ts'
import type { Photo } from './photograph.ts'

/** A picture and its mask as they lie on disk: grey JPEG with EXIF, and 8-bit grey PNG of 0 and 255. */
export interface EncodedPair {
  jpeg: Buffer
  mask: Buffer
}

export async function encodePhoto(photo: Photo, exif: Exif, quality: number): Promise<EncodedPair> {
  const raw = { width: photo.width, height: photo.height, channels: 1 as const }
  const [jpeg, mask] = await Promise.all([
    sharp(photo.pixels, { raw }).toColourspace('b-w').withExif(exif).jpeg({ quality }).toBuffer(),
    sharp(photo.mask, { raw }).toColourspace('b-w').png({ compressionLevel: 9 }).toBuffer(),
  ])
  return { jpeg, mask }
}

const cropPx = 2

/** A near duplicate of a pair, with the EXIF of the original. */
export async function copyPair({ jpeg, mask }: EncodedPair, way: CopyWay, quality: number): Promise<EncodedPair> {
  const picture = sharp(jpeg).toColourspace('b-w').keepExif()
  if (way === 'recompressed') return { jpeg: await picture.jpeg({ quality }).toBuffer(), mask }
  if (way === 'brighter') return { jpeg: await picture.linear(1, 3).jpeg({ quality: 92 }).toBuffer(), mask }
  const { width, height } = await sharp(mask).metadata()
  const box = { left: cropPx, top: cropPx, width: width - 2 * cropPx, height: height - 2 * cropPx }
  return {
    jpeg: await picture.extract(box).jpeg({ quality: 92 }).toBuffer(),
    mask: await sharp(mask).extract(box).toColourspace('b-w').png({ compressionLevel: 9 }).toBuffer(),
  }
}

/** Spoils the bytes of a JPEG. `keep` is the share that a truncation leaves. */
export function corruptJpeg(jpeg: Buffer, corruption: Corruption, keep: number, rng: Rng): Buffer {
  switch (corruption) {
    case 'truncated':
      return jpeg.subarray(0, Math.floor(jpeg.length * keep))
    case 'empty':
      return Buffer.alloc(0)
    case 'html':
      return Buffer.from(
        '<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>\n<body><h1>Not Found</h1></body></html>\n',
      )
    case 'header': {
      const broken = Buffer.from(jpeg)
      for (let i = 0; i < Math.min(64, broken.length); i++) broken[i] = rng.integer(0, 255)
      return broken
    }
  }
}
