import sharp, { type OutputInfo, type Sharp } from 'sharp'
import { FoveaError } from '#base'
import { decodeBmp } from './bmp.ts'
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

/**
 * Decodes a picture (EXIF orientation applied, first frame) or a region of it, resized: interleaved RGB, 8 bits,
 * [heightPx × widthPx × 3]. Throws MEDIA_UNREADABLE, MEDIA_MISSING, MEDIA_TOO_LARGE.
 */
export async function readResized(
  file: string,
  plan: ResizePlan,
  limits: ReadLimits,
  region?: Region,
): Promise<Uint8Array> {
  try {
    const { data, info } = await toRgb(resize(await openRegion(file, limits, region), plan))
    return info.channels === 3 ? data : spread(data, info.channels)
  } catch (error) {
    throw toFoveaError(error as Error, file)
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
export async function readPixels(file: string, limits: ReadLimits, region?: Region): Promise<Pixels> {
  try {
    const { data, info } = await toRgb(await openRegion(file, limits, region))
    return {
      data: info.channels === 3 ? data : spread(data, info.channels),
      widthPx: info.width,
      heightPx: info.height,
    }
  } catch (error) {
    throw toFoveaError(error as Error, file)
  }
}

async function openRegion(file: string, limits: ReadLimits, region: Region | undefined): Promise<Sharp> {
  const { bytes } = readFileBytes(file)
  const image = open(bytes, limits)
  return region === undefined ? image : cut(image, await sizeAsSeen(bytes, limits), region)
}

function toRgb(image: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  return image.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true })
}

function open(bytes: Buffer, limits: ReadLimits): Sharp {
  if (bytes[0] === 0x42 && bytes[1] === 0x4d) {
    const { data, width, height, channels } = decodeBmp(bytes)
    return sharp(data, { raw: { width, height, channels } })
  }
  return sharp(bytes, { failOn: 'truncated', limitInputPixels: limits.maxPixels, ignoreIcc: true, autoOrient: true })
}

async function sizeAsSeen(bytes: Buffer, limits: ReadLimits): Promise<{ width: number; height: number }> {
  const { width, height, autoOrient } = await open(bytes, limits).metadata()
  return autoOrient ?? { width, height }
}

function cut(image: Sharp, size: { width: number; height: number }, { x, y, width, height }: Region): Sharp {
  const left = Math.min(Math.max(0, Math.floor(x)), size.width - 1)
  const top = Math.min(Math.max(0, Math.floor(y)), size.height - 1)
  return image.extract({
    left,
    top,
    width: Math.max(1, Math.min(Math.ceil(x + width), size.width) - left),
    height: Math.max(1, Math.min(Math.ceil(y + height), size.height) - top),
  })
}

function resize(image: Sharp, { heightPx, widthPx, fit, crop, kernel, pad }: ResizePlan): Sharp {
  switch (fit) {
    case 'exact':
      return image.resize(widthPx, heightPx, { fit: 'fill', kernel })
    case 'letterbox':
      return image.resize(widthPx, heightPx, { fit: 'contain', kernel, background: { r: pad, g: pad, b: pad } })
    case 'shorter': {
      const [width, height] = [Math.round(widthPx / crop), Math.round(heightPx / crop)]
      return image.resize(width, height, { fit: 'cover', kernel }).extract({
        left: (width - widthPx) >> 1,
        top: (height - heightPx) >> 1,
        width: widthPx,
        height: heightPx,
      })
    }
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
