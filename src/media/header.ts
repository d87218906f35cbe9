import sharp from 'sharp'
import { readBmpHeader } from './bmp.ts'
import { faultOfDecoder } from './decode.ts'
import { readJpegHeader } from './jpeg-header.ts'
import { readPngHeader } from './png-header.ts'
import { MediaFault } from './problem.ts'
import { sniffFormat, type ImageFormat } from './sniff.ts'
import type { ReadLimits } from './types.ts'

/** What the header of an image says, before anything is decoded. */
export interface ImageHeader {
  format: ImageFormat
  /** Size as stored, before EXIF orientation, px. */
  width: number
  height: number
  /** Channels in the file, alpha included; a palette counts as its colours. */
  channels: number
  /** Bits a channel. */
  depth: number
  mode: 'gray' | 'rgb' | 'cmyk' | 'other'
  hasAlpha: boolean
  frames: number
  /** The TIFF block that holds the EXIF tags; null when there is none. */
  exif: Buffer | null
  /** EXIF orientation that decoding applies; 1 when the file says nothing or nonsense. */
  orientation: number
  hasIccProfile: boolean
}

/**
 * Reads the header of an image. Throws MediaFault image-unsupported, image-truncated, image-unreadable,
 * image-too-large (more pixels than `limits.maxPixels`).
 */
export async function readHeader(bytes: Buffer, limits: ReadLimits): Promise<ImageHeader> {
  const format = sniffFormat(bytes)
  const header = await readByFormat(format, bytes)
  if (!(header.width > 0 && header.height > 0)) {
    throw new MediaFault(
      'image-unreadable',
      `Expected a picture of at least 1 × 1 px, its header says ${header.width} × ${header.height}.`,
      'Save it again, or remove it.',
    )
  }
  if (header.width * header.height > limits.maxPixels) {
    throw new MediaFault(
      'image-too-large',
      `The picture has ${header.width} × ${header.height} px, more than the ${limits.maxPixels} px allowed.`,
      'Split it into tiles, or raise limits.maxPixels.',
    )
  }
  return header
}

function readByFormat(format: ImageFormat, bytes: Buffer): ImageHeader | Promise<ImageHeader> {
  switch (format) {
    case 'jpeg':
      return readJpegHeader(bytes)
    case 'png':
      return readPngHeader(bytes)
    case 'bmp':
      return readBmpHeader(bytes)
    case 'avif':
    case 'gif':
    case 'tiff':
    case 'webp':
      return readWithSharp(format, bytes)
  }
}

const modes: Record<string, ImageHeader['mode']> = {
  'b-w': 'gray',
  grey16: 'gray',
  srgb: 'rgb',
  rgb: 'rgb',
  rgb16: 'rgb',
  cmyk: 'cmyk',
}

/** Bits of the sample types of libvips. */
const bitsOfDepth: Record<string, number> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
  double: 64,
}

async function readWithSharp(format: ImageFormat, bytes: Buffer): Promise<ImageHeader> {
  const facts = await sharp(bytes, { failOn: 'none', limitInputPixels: false })
    .metadata()
    .catch((error: Error) => {
      throw faultOfDecoder(error, bytes, format)
    })
  const hasAlpha = facts.hasAlpha ?? false
  return {
    format,
    width: facts.width,
    height: facts.pageHeight ?? facts.height,
    channels: facts.channels,
    depth: facts.bitsPerSample ?? bitsOfDepth[facts.depth] ?? 8,
    mode: modes[facts.space] ?? 'other',
    hasAlpha,
    frames: facts.pages ?? 1,
    exif: format === 'tiff' ? bytes : facts.exif ? stripExifMark(facts.exif) : null,
    orientation: facts.orientation ?? 1,
    hasIccProfile: facts.hasProfile,
  }
}

function stripExifMark(block: Buffer): Buffer {
  return block.toString('latin1', 0, 6) === 'Exif\0\0' ? block.subarray(6) : block
}

/** Width and height as seen, px: orientations 5 to 8 lie on their side. */
export function orientedSize(header: ImageHeader): { width: number; height: number } {
  const { width, height, orientation } = header
  return orientation >= 5 ? { width: height, height: width } : { width, height }
}
