import sharp from 'sharp'
import { decodeBmp } from './bmp.ts'
import type { ImageHeader } from './header.ts'
import { MediaFault } from './problem.ts'
import type { ImageFormat } from './sniff.ts'
import type { ReadLimits } from './types.ts'

/** Pixels of one picture as seen (EXIF orientation applied): interleaved, 8 bits a channel, row by row. */
export interface Pixels {
  data: Uint8Array
  width: number
  height: number
  /** Grey, grey and alpha, RGB, RGBA. */
  channels: 1 | 2 | 3 | 4
}

/**
 * Decodes the first frame of an image whose header was read. 16-bit samples keep their upper byte; CMYK becomes sRGB. An RGB
 * or grey colour profile is not applied: the values are those that PIL, OpenCV and so every training loop see.
 * Throws MediaFault image-truncated, image-unreadable.
 */
export async function decodePixels(bytes: Buffer, header: ImageHeader, limits: ReadLimits): Promise<Pixels> {
  if (header.format === 'bmp') return decodeBmp(bytes)
  const image = sharp(bytes, {
    failOn: 'truncated',
    limitInputPixels: limits.maxPixels,
    ignoreIcc: header.mode !== 'cmyk',
    // Costs a little, so only where there is something to turn.
    autoOrient: header.orientation !== 1,
  })
  if (header.mode === 'gray') image.toColourspace('b-w')
  try {
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    // A plain array: loops over bytes run faster when they meet one kind of array only.
    const bare = new Uint8Array(data.buffer, data.byteOffset, data.length)
    return { data: bare, width: info.width, height: info.height, channels: info.channels }
  } catch (error) {
    throw faultOfDecoder(error as Error, bytes, header.format)
  }
}

/** Decodes a 16-bit grey image to its whole values. Throws as {@link decodePixels} does. */
export async function decodeWideGray(
  bytes: Buffer,
  header: ImageHeader,
  limits: ReadLimits,
): Promise<{ data: Uint16Array; width: number; height: number }> {
  const image = sharp(bytes, {
    failOn: 'truncated',
    limitInputPixels: limits.maxPixels,
    autoOrient: header.orientation !== 1,
  })
  try {
    const { data, info } = await image
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true })
    const gray = new Uint16Array(info.width * info.height)
    for (let i = 0; i < gray.length; i++) gray[i] = data.readUInt16LE(i * 2 * info.channels)
    return { data: gray, width: info.width, height: info.height }
  } catch (error) {
    throw faultOfDecoder(error as Error, bytes, header.format)
  }
}

/** Words of libvips, libjpeg, libpng, libtiff, nsgif and libheif for a file that stops too early. */
const endsEarly = /premature end|truncated|unexpected end|out of data|bad seek|eof/i

/** Whether the structure of a container says that bytes are missing at its end. */
function lacksItsEnd(bytes: Buffer, format: ImageFormat): boolean {
  switch (format) {
    case 'webp':
      return bytes.length < 12 || bytes.readUInt32LE(4) + 8 > bytes.length
    case 'png':
      return !bytes.subarray(-64).includes('IEND')
    case 'tiff':
      return lacksDirectory(bytes)
    case 'avif':
    case 'bmp':
    case 'gif':
    case 'jpeg':
      return false
  }
}

/** Whether the first directory of a TIFF, which most writers put last, lies beyond the end. */
function lacksDirectory(bytes: Buffer): boolean {
  if (bytes.length < 8) return true
  const little = bytes[0] === 0x49
  const at = little ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4)
  if (at + 2 > bytes.length) return true
  return at + 2 + 12 * (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)) + 4 > bytes.length
}

/** Tells a file that was cut from one that is broken otherwise. */
export function faultOfDecoder(error: Error, bytes: Buffer, format: ImageFormat): MediaFault {
  const detail = error.message.trim().split('\n').at(-1)!.slice(0, 200)
  if (endsEarly.test(error.message) || lacksItsEnd(bytes, format)) {
    return new MediaFault(
      'image-truncated',
      `The file ends before the picture does (${detail}).`,
      'Copy it again from where it came from, or remove it.',
    )
  }
  return new MediaFault(
    'image-unreadable',
    `The picture cannot be decoded (${detail}).`,
    'Open it in an image editor and save it again, or remove it.',
  )
}
