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

/**
 * Whether the structure of a container says that bytes are missing at its end. What the decoder says is not asked: libvips
 * keeps one list of messages for all threads, so an error may carry the words of another picture, or none.
 */
function lacksItsEnd(bytes: Buffer, format: ImageFormat): boolean {
  switch (format) {
    case 'jpeg':
      // Neither marker can stand inside coded data (ITU-T T.81, B.1.1.5); a thumbnail's lie before the first scan.
      return bytes.lastIndexOf('\xff\xd9', undefined, 'latin1') < bytes.lastIndexOf('\xff\xda', undefined, 'latin1')
    case 'webp':
      return bytes.length < 12 || bytes.readUInt32LE(4) + 8 > bytes.length
    case 'png':
      return !bytes.subarray(-64).includes('IEND')
    case 'tiff':
      return lacksDirectory(bytes)
    case 'gif':
      return bytes.at(-1) !== gifTrailer
    case 'avif':
      return lacksBoxes(bytes)
    case 'bmp':
      return false
  }
}

const gifTrailer = 0x3b

/** Whether the last box of an ISO base media file reaches beyond the end (ISO/IEC 14496-12, 4.2). */
function lacksBoxes(bytes: Buffer): boolean {
  let at = 0
  while (at + 8 <= bytes.length) {
    const size = bytes.readUInt32BE(at)
    if (size === 0) return false
    if (size === 1 && at + 16 > bytes.length) return true
    at += size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : Math.max(8, size)
  }
  return at !== bytes.length
}

/** Whether the first directory of a TIFF, which most writers put last, lies beyond the end. */
function lacksDirectory(bytes: Buffer): boolean {
  if (bytes.length < 8) return true
  const little = bytes[0] === 0x49
  const at = little ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4)
  if (at + 2 > bytes.length) return true
  return at + 2 + 12 * (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)) + 4 > bytes.length
}

/** How libvips names a format in its messages. */
const loaders: Readonly<Record<ImageFormat, string>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  gif: 'gif',
  tiff: 'tiff',
  avif: 'heif',
  bmp: 'bmp',
}

/** Tells a file that was cut from one that is broken otherwise. */
export function faultOfDecoder(error: Error, bytes: Buffer, format: ImageFormat): MediaFault {
  const said = error.message.split('\n').findLast((line) => line.toLowerCase().includes(loaders[format]))
  const detail = said === undefined ? '' : ` (${said.trim().slice(0, 200)})`
  if (lacksItsEnd(bytes, format)) {
    return new MediaFault(
      'image-truncated',
      `The file ends before the picture does${detail}.`,
      'Copy it again from where it came from, or remove it.',
    )
  }
  return new MediaFault(
    'image-unreadable',
    `The picture cannot be decoded${detail}.`,
    'Open it in an image editor and save it again, or remove it.',
  )
}
