import sharp, { type Sharp } from 'sharp'
import { FoveaError } from '#base'
import { decodeBmp } from './bmp.ts'
import { fitPixels, fitWindow, placePicture } from './fit-pixels.ts'
import { readHeader, type ImageHeader } from './header.ts'
import { MediaFault } from './problem.ts'
import { readFileBytes } from './read-bytes.ts'
import type { ReadLimits } from './types.ts'

/** How a picture is brought to the size that a network takes. */
export interface ResizePlan {
  heightPx: number
  widthPx: number
  /**
   * `shorter`: the picture covers height/`crop` × width/`crop`, and its centre is taken. `exact`: squeezed to the size.
   * `letterbox`: fitted inside, the rest filled with `pad`.
   */
  fit: 'shorter' | 'exact' | 'letterbox'
  /** Share of the covered size that the centre crop keeps, in (0, 1]. */
  crop: number
  kernel: 'nearest' | 'linear' | 'cubic' | 'lanczos3'
  /** Grey level of the letterbox's bars, 0 to 255. */
  pad: number
}

/** A rectangle of the picture as seen, px; cut at its borders. */
export interface Region {
  x: number
  y: number
  width: number
  height: number
}

/** A picture at the size that a network takes: its planes one after the other, 8 bits, [channels × height × width]. */
export interface Planes {
  data: Uint8Array
  /** Grey, or red, green and blue. */
  channels: 1 | 3
}

/** A file, or the bytes of one; they must not change until the answer is there. */
type PixelSource = string | Uint8Array

/** Pictures with a side up to here are resized here, in less time than it takes to ask libvips to. */
const smallSidePx = 512

/**
 * Decodes a picture (EXIF orientation applied, first frame) or a region of it and resizes it as Pillow does, behind which networks are
 * trained: to the value where a side is up to 512 px; else by libvips, whose values differ by a few levels at most, and which shrinks a very
 * large JPEG while it is decoded, to no less than twice the size, as Pillow's `reducing_gap=2.0` does. `widthPx` and `heightPx` are those of the picture as seen, or of its region. Throws MEDIA_UNREADABLE, MEDIA_MISSING, MEDIA_TOO_LARGE.
 */
export async function readResized(
  source: PixelSource,
  plan: ResizePlan,
  limits: ReadLimits,
  region?: Region,
): Promise<Planes & { widthPx: number; heightPx: number }> {
  try {
    const { image, size } = await openRegion(source, limits, region)
    const seen = { widthPx: size.width, heightPx: size.height }
    const { size: target, window } = placePicture(size, plan)
    const isSmall = Math.min(size.width, size.height) <= smallSidePx
    if (isSmall || plan.kernel === 'nearest' || target[0] >= size.width || target[1] >= size.height)
      return { ...fitPixels(await decode(image), plan), ...seen }
    image.resize(...target, { fit: 'fill', kernel: plan.kernel, fastShrinkOnLoad: false })
    return { ...fitWindow(await decode(image.extract(window)), size, plan), ...seen }
  } catch (error) {
    throw toFoveaError(error as Error, nameOf(source))
  }
}

/** Pixels of a picture: interleaved RGB, 8 bits, [heightPx × widthPx × 3]. */
export interface Pixels {
  data: Uint8Array
  widthPx: number
  heightPx: number
}

/**
 * Decodes a picture (EXIF orientation applied, first frame) or a region of it at its own size.
 * Throws MEDIA_UNREADABLE, MEDIA_MISSING, MEDIA_TOO_LARGE.
 */
export async function readPixels(source: PixelSource, limits: ReadLimits, region?: Region): Promise<Pixels> {
  try {
    const { image } = await openRegion(source, limits, region)
    const { data, width, height, channels } = await decode(image)
    return { data: channels === 3 ? data : spread(data, channels), widthPx: width, heightPx: height }
  } catch (error) {
    throw toFoveaError(error as Error, nameOf(source))
  }
}

interface Size {
  width: number
  height: number
}

async function openRegion(
  source: PixelSource,
  limits: ReadLimits,
  region: Region | undefined,
): Promise<{ image: Sharp; size: Size }> {
  const bytes = typeof source === 'string' ? readFileBytes(source).bytes : asBuffer(source)
  const header = await readHeader(bytes, limits)
  const isTurned = header.orientation >= 5
  const size = isTurned ? { width: header.height, height: header.width } : header
  // One channel is a third of the work of three.
  const space = header.mode === 'gray' && !header.hasAlpha ? 'b-w' : 'srgb'
  const image = open(bytes, limits, header).toColourspace(space)
  if (region === undefined) return { image, size }
  const box = boundRegion(size, region)
  return { image: image.extract(box), size: box }
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes.length > 0) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  throw new MediaFault('image-empty', 'Expected a picture, got 0 bytes.', 'Send the bytes of an image file.')
}

const nameOf = (source: PixelSource): string => (typeof source === 'string' ? source : 'The picture that was sent')

async function decode(image: Sharp): Promise<{ data: Buffer; channels: number } & Size> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, channels: info.channels, width: info.width, height: info.height }
}

function open(bytes: Buffer, limits: ReadLimits, { format, orientation }: ImageHeader): Sharp {
  if (format === 'bmp') {
    const { data, width, height, channels } = decodeBmp(bytes)
    return sharp(data, { raw: { width, height, channels } })
  }
  return sharp(bytes, {
    failOn: 'truncated',
    limitInputPixels: limits.maxPixels,
    ignoreIcc: true,
    autoOrient: orientation !== 1,
  })
}

function boundRegion(size: Size, { x, y, width, height }: Region): Size & { left: number; top: number } {
  const left = Math.min(Math.max(0, Math.floor(x)), size.width - 1)
  const top = Math.min(Math.max(0, Math.floor(y)), size.height - 1)
  return {
    left,
    top,
    width: Math.max(1, Math.min(Math.ceil(x + width), size.width) - left),
    height: Math.max(1, Math.min(Math.ceil(y + height), size.height) - top),
  }
}

/** Grey to three equal channels. */
function spread(data: Uint8Array, channels: number): Uint8Array {
  const pixels = data.length / channels
  const rgb = new Uint8Array(pixels * 3)
  for (let i = 0; i < pixels; i++) rgb.fill(data[i * channels]!, i * 3, i * 3 + 3)
  return rgb
}

function toFoveaError(error: Error, file: string): FoveaError {
  if (error instanceof MediaFault) {
    const { code, what, fix } = error.problem
    const codes = { 'image-missing': 'MEDIA_MISSING', 'image-too-large': 'MEDIA_TOO_LARGE' } as const
    return new FoveaError(code in codes ? codes[code as keyof typeof codes] : 'MEDIA_UNREADABLE', `${file}: ${what}`, {
      hint: fix,
      cause: error,
    })
  }
  const detail = error.message.trim().split('\n').at(-1)!.slice(0, 200)
  if (/pixel limit/i.test(detail))
    return new FoveaError('MEDIA_TOO_LARGE', `${file}: ${detail}`, { hint: 'Raise limits.max_pixels.', cause: error })
  return new FoveaError('MEDIA_UNREADABLE', `${file}: the picture cannot be decoded (${detail}).`, {
    hint: 'Put back the file as it was imported, or import the folder again.',
    cause: error,
  })
}
