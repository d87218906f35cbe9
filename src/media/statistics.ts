import type { MediaFacts } from '#contract'
import type { Pixels } from './decode.ts'

export type PixelStatistics = Pick<
  MediaFacts,
  | 'grayscale'
  | 'brightness'
  | 'brightness_p1'
  | 'brightness_p5'
  | 'brightness_p50'
  | 'brightness_p95'
  | 'brightness_p99'
  | 'contrast'
  | 'entropy'
  | 'saturation'
  | 'red'
  | 'green'
  | 'blue'
>

/** One grey value a pixel, row by row. */
export interface GrayPlane {
  data: Uint8Array
  width: number
  height: number
}

/** Grey of a colour, 0…255: ITU-R 601-2 in fixed point, as Pillow's mode L. */
export function grayOf(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
}

/** Steps of the brightness histogram of colour pictures; a percentile is off by at most 0.5 / 16384. */
const brightnessSteps = 16_384
/** Used by one call at a time, cleared by it. */
const brightness = new Uint32Array(brightnessSteps)

/** 1 / value, and 0 for 0, so that black has no saturation. */
const inverse = Float64Array.from({ length: 256 }, (_, value) => (value === 0 ? 0 : 1 / value))

/**
 * Measures colour in one pass over the pixels and yields the grey plane that edges and hash are computed from. Alpha is ignored.
 * - brightness: √(.241 R² + .691 G² + .068 B²) / 255 a pixel, for a grey picture its value / 255; percentiles interpolate
 *   between neighbours as numpy.percentile does (cleanvision 0.3.7, image_property.py);
 * - entropy: of the grey histogram in bits, Pillow's Image.entropy on mode L; contrast: standard deviation of grey / 255;
 * - saturation: mean of (max − min) / max, as HSV has it.
 */
export function measurePixels(pixels: Pixels): { statistics: PixelStatistics; gray: GrayPlane } {
  return pixels.channels <= 2 ? measureGray(pixels) : measureColor(pixels)
}

function measureGray({ data, width, height, channels }: Pixels): { statistics: PixelStatistics; gray: GrayPlane } {
  const count = width * height
  let plane = data
  if (channels === 2) {
    plane = new Uint8Array(count)
    for (let i = 0; i < count; i++) plane[i] = data[i * 2]!
  }
  const histogram = new Uint32Array(256)
  for (let i = 0; i < count; i++) histogram[plane[i]!]!++
  const { mean, deviation, entropy } = summarize(histogram, count)
  return {
    statistics: {
      grayscale: true,
      brightness: mean,
      ...percentiles(histogram, count),
      contrast: deviation,
      entropy,
      saturation: 0,
      red: mean,
      green: mean,
      blue: mean,
    },
    gray: { data: plane, width, height },
  }
}

function measureColor({ data, width, height, channels }: Pixels): { statistics: PixelStatistics; gray: GrayPlane } {
  const count = width * height
  const plane = new Uint8Array(count)
  const histogram = new Uint32Array(256)
  brightness.fill(0)
  const scale = (brightnessSteps - 1) / 255
  let red = 0
  let green = 0
  let blue = 0
  let saturation = 0
  let brightnessSum = 0
  for (let i = 0, p = 0; p < count; p++, i += channels) {
    const r = data[i]!
    const g = data[i + 1]!
    const b = data[i + 2]!
    const l = grayOf(r, g, b)
    plane[p] = l
    histogram[l]!++
    const perceived = Math.sqrt(0.241 * r * r + 0.691 * g * g + 0.068 * b * b)
    brightnessSum += perceived
    brightness[(perceived * scale + 0.5) | 0]!++
    red += r
    green += g
    blue += b
    const high = r > g ? (r > b ? r : b) : g > b ? g : b
    const low = r < g ? (r < b ? r : b) : g < b ? g : b
    saturation += (high - low) * inverse[high]!
  }
  const grayscale = saturation === 0
  const { deviation, entropy } = summarize(histogram, count)
  return {
    statistics: {
      grayscale,
      brightness: brightnessSum / count / 255,
      // Without colour, brightness is grey itself, and its histogram is exact.
      ...percentiles(grayscale ? histogram : brightness, count),
      contrast: deviation,
      entropy,
      saturation: saturation / count,
      red: red / count / 255,
      green: green / count / 255,
      blue: blue / count / 255,
    },
    gray: { data: plane, width, height },
  }
}

/** Mean and standard deviation (0…1) and entropy (bits) of a histogram of 256 values. */
function summarize(histogram: Uint32Array, count: number): { mean: number; deviation: number; entropy: number } {
  let sum = 0
  let squares = 0
  let entropy = 0
  for (let value = 0; value < 256; value++) {
    const times = histogram[value]!
    if (times === 0) continue
    sum += times * value
    squares += times * value * value
    const share = times / count
    entropy -= share * Math.log2(share)
  }
  const mean = sum / count
  return {
    mean: mean / 255,
    deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) / 255,
    entropy: Math.max(0, entropy),
  }
}

const percents = [1, 5, 50, 95, 99] as const

type Percentiles = Pick<PixelStatistics, `brightness_p${(typeof percents)[number]}`>

/** Percentiles of a histogram over 0…1 in one walk, interpolated linearly between the two neighbouring pixels. */
function percentiles(histogram: Uint32Array, count: number): Percentiles {
  const found: number[] = []
  let seen = histogram[0]!
  let bin = 0
  for (const percent of percents) {
    const rank = (percent / 100) * (count - 1)
    const below = Math.floor(rank)
    while (seen <= below) seen += histogram[++bin]!
    // The pixel after `below` may lie in a later bin.
    let next = bin
    if (rank > below && seen === below + 1)
      do next++
      while (histogram[next] === 0)
    found.push((bin + (next - bin) * (rank - below)) / (histogram.length - 1))
  }
  const [brightness_p1, brightness_p5, brightness_p50, brightness_p95, brightness_p99] = found as [
    number,
    number,
    number,
    number,
    number,
  ]
  return { brightness_p1, brightness_p5, brightness_p50, brightness_p95, brightness_p99 }
}
