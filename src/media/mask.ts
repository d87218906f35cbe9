import { chooseValues } from './mask-values.ts'
import { decodePixels, decodeWideGray } from './decode.ts'
import { orientedSize, readHeader, type ImageHeader } from './header.ts'
import { readPngSamples } from './png-pixels.ts'
import { asMaskProblem, MediaFault, problemOf } from './problem.ts'
import { readFileBytes } from './read-bytes.ts'
import { encodeRegions } from './regions.ts'
import type { MaskRegion, MaskResult, MaskTask, ReadLimits } from './types.ts'

/** Colours of a colour mask; a photograph has more than that, no labelmap does. */
const maxColors = 1024

/** One value a pixel. */
interface RawMask {
  data: Uint8Array | Uint16Array | Uint32Array
  width: number
  height: number
  /** Largest value a pixel could have. */
  range: number
  kind: 'palette' | 'gray' | 'color'
}

export interface MaskPixels extends RawMask {
  /** How often each value occurs; null for colours. */
  histogram: Uint32Array | null
}

/**
 * Reads a mask file to one region a value (see {@link MaskTask}); never rejects. PNG palette indices and 16-bit values come as they
 * stand in the file. In a colour mask a region's value is the colour, 0xRRGGBB; a colour file without colours counts as grey.
 * Values that blur in JPEG (and lossy WebP, AVIF) are not told apart: `auto` reads those formats as binary.
 * `imageSize`: size of the image it belongs to, px, as seen; another size is the problem mask-size.
 */
export async function readMask(
  task: MaskTask,
  limits: ReadLimits,
  imageSize: { width: number; height: number } | null = null,
): Promise<MaskResult> {
  try {
    const { bytes } = readFileBytes(task.file)
    const header = await readHeader(bytes, limits)
    const { width, height } = orientedSize(header)
    if (imageSize && (imageSize.width !== width || imageSize.height !== height)) {
      throw new MediaFault(
        'mask-size',
        `Expected ${imageSize.width} × ${imageSize.height} px as the image has, got ${width} × ${height} px.`,
        'Save the mask at the size of its image, without smoothing (nearest neighbour).',
      )
    }
    const pixels = countValues(await readMaskPixels(bytes, header, limits))
    const ignore = new Set(task.ignore)
    const values = task.values === 'auto' ? chooseValues(pixels, header.format, ignore) : task.values
    if (values === 'binary') return { ok: true, values, regions: encodeBinary(pixels, ignore) }
    return { ok: true, values, regions: encodeIndex(pixels, ignore) }
  } catch (error) {
    return { ok: false, problem: asMaskProblem(problemOf(error)) }
  }
}

async function readMaskPixels(bytes: Buffer, header: ImageHeader, limits: ReadLimits): Promise<RawMask> {
  if (header.format === 'png' && header.orientation === 1) {
    const { data, width, height, channels, depth, isPalette } = readPngSamples(bytes)
    const range = 2 ** depth - 1
    if (channels === 1) return { data, width, height, range, kind: isPalette ? 'palette' : 'gray' }
    return { ...takeColors(data, width, height, channels), range }
  }
  if (header.format === 'tiff' && header.mode === 'gray' && header.depth === 16) {
    return { ...(await decodeWideGray(bytes, header, limits)), range: 65_535, kind: 'gray' }
  }
  const { data, width, height, channels } = await decodePixels(bytes, header, limits)
  if (channels === 1) return { data, width, height, range: 255, kind: 'gray' }
  return { ...takeColors(data, width, height, channels), range: 255 }
}

/** Drops alpha; grey where no pixel has colour, else 0xRRGGBB of the upper eight bits. */
function takeColors(
  data: Uint8Array | Uint16Array,
  width: number,
  height: number,
  channels: number,
): Omit<RawMask, 'range'> {
  const count = width * height
  const gray = data instanceof Uint16Array ? new Uint16Array(count) : new Uint8Array(count)
  let isGray = true
  for (let p = 0, i = 0; p < count && isGray; p++, i += channels) {
    gray[p] = data[i]!
    isGray = channels <= 2 || (data[i] === data[i + 1] && data[i] === data[i + 2])
  }
  if (isGray) return { data: gray, width, height, kind: 'gray' }
  const shift = data instanceof Uint16Array ? 8 : 0
  const colors = new Uint32Array(count)
  for (let p = 0, i = 0; p < count; p++, i += channels) {
    colors[p] = ((data[i]! >> shift) << 16) | ((data[i + 1]! >> shift) << 8) | (data[i + 2]! >> shift)
  }
  return { data: colors, width, height, kind: 'color' }
}

function countValues(mask: RawMask): MaskPixels {
  if (mask.kind === 'color') return { ...mask, histogram: null }
  const { data, range } = mask
  const histogram = new Uint32Array(range + 1)
  if (isBlank(data)) histogram[0] = data.length
  else for (let i = 0; i < data.length; i++) histogram[data[i]!]!++
  return { ...mask, histogram }
}

/** Whether every pixel is 0, as most masks of defects are; four bytes at a time, and few steps for any other mask. */
function isBlank(data: Uint8Array | Uint16Array | Uint32Array): boolean {
  const aligned = data.byteOffset % 4 === 0
  const words = aligned ? new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2) : data
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false
  for (let i = data.length - 4; i < data.length; i++) if (i >= 0 && data[i] !== 0) return false
  return true
}

/** One region a value; nothing is walked when every pixel is to be ignored. */
function encodeIndex({ data, width, height, histogram }: MaskPixels, ignore: ReadonlySet<number>): MaskRegion[] {
  if (histogram?.every((count, value) => count === 0 || ignore.has(value))) return []
  return encodeRegions(data, width, height, ignore, histogram === null ? maxColors : undefined)
}

/** One region of value 255: pixels of at least half the range; in a palette, or where 1 is the largest value, all but 0. */
function encodeBinary(
  { data, width, height, range, kind, histogram }: MaskPixels,
  ignore: ReadonlySet<number>,
): MaskRegion[] {
  const foreground = new Uint8Array(data.length)
  if (histogram === null) {
    for (let i = 0; i < data.length; i++) {
      const value = data[i]!
      if (Math.max(value >> 16, (value >> 8) & 255, value & 255) >= 128 && !ignore.has(value)) foreground[i] = 255
    }
  } else {
    const hasLarger = histogram.some((count, value) => count > 0 && value > 1)
    const threshold = kind === 'palette' || !hasLarger ? 1 : Math.ceil((range + 1) / 2)
    const isForeground = Uint8Array.from(histogram, (count, value) =>
      count > 0 && value >= threshold && !ignore.has(value) ? 255 : 0,
    )
    if (isForeground.every((value) => value === 0)) return []
    for (let i = 0; i < data.length; i++) foreground[i] = isForeground[data[i]!]!
  }
  return encodeRegions(foreground, width, height, new Set([0]))
}
