import type { GrayPlane } from './statistics.ts'

/** A resampling kernel: its half width in output pixels and its weight at a distance. */
export interface Kernel {
  support: number
  weigh(distance: number): number
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI))

/** Linear, on two neighbours when enlarging. */
export const bilinear: Kernel = {
  support: 1,
  weigh: (distance) => Math.max(0, 1 - Math.abs(distance)),
}

/** Bicubic with a = −0.5, as Pillow has it. */
export const bicubic: Kernel = {
  support: 2,
  weigh(distance) {
    const x = Math.abs(distance)
    const a = -0.5
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  },
}

/** Lanczos with three lobes. */
export const lanczos: Kernel = {
  support: 3,
  weigh: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0),
}

/** The source pixel under the middle of each output pixel. */
export const nearest: Kernel = { support: 0, weigh: () => 1 }

/** Fixed-point bits of Pillow's 8-bit resampling: 32 − 8 for the value − 2 to spare. */
const precision = 22
const half = 1 << (precision - 1)

interface Weights {
  /** First source pixel of each target pixel. */
  from: Int32Array
  /** How many source pixels each target pixel takes. */
  taps: Int32Array
  /** `stride` weights a target pixel. */
  values: Int32Array
  stride: number
}

function makeWeights(source: number, target: number, kernel: Kernel): Weights {
  const scale = source / target
  const stretch = Math.max(scale, 1)
  const support = kernel === nearest ? 0.5 : kernel.support * stretch
  const stride = Math.ceil(support) * 2 + 1
  const from = new Int32Array(target)
  const taps = new Int32Array(target)
  const values = new Int32Array(target * stride)
  const row = new Float64Array(stride)
  for (let t = 0; t < target; t++) {
    const center = (t + 0.5) * scale
    const first = Math.max(0, Math.trunc(center - support + 0.5))
    const end = Math.min(source, Math.trunc(center + support + 0.5))
    let total = 0
    for (let i = 0; i < end - first; i++) {
      row[i] = kernel.weigh((i + first - center + 0.5) / stretch)
      total += row[i]!
    }
    for (let i = 0; i < end - first; i++) {
      const weight = (row[i]! / total) * (1 << precision)
      values[t * stride + i] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5)
    }
    from[t] = first
    taps[t] = end - first
  }
  return { from, taps, values, stride }
}

/** Weights by source and target size; data sets have few sizes. */
const cache = new Map<string, Weights>()

function weightsFor(source: number, target: number, kernel: Kernel): Weights {
  const key = `${source}>${target}/${kernel.support}`
  let found = cache.get(key)
  if (!found) {
    if (cache.size >= 64) cache.clear()
    found = makeWeights(source, target, kernel)
    cache.set(key, found)
  }
  return found
}

const clip = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value)

/** The part of the resized plane that is wanted, px. */
export interface Window {
  left: number
  top: number
  width: number
  height: number
}

/**
 * Resizes a grey plane, or one channel of interleaved pixels, to the value as Pillow's Image.resize does in modes L and RGB
 * (libImaging/Resample.c): across, then down, in fixed point. `step`: samples a pixel; `offset`: the channel taken; `window`: the
 * only part of the target that is worked out and answered.
 */
export function resizePlane(
  { data, width, height }: GrayPlane,
  [toWidth, toHeight]: readonly [number, number],
  kernel: Kernel,
  { step, offset }: { step: number; offset: number } = { step: 1, offset: 0 },
  window: Window = { left: 0, top: 0, width: toWidth, height: toHeight },
): GrayPlane {
  const down = toHeight === height ? undefined : weightsFor(height, toHeight, kernel)
  const last = window.top + window.height - 1
  const firstRow = down ? down.from[window.top]! : window.top
  const rowCount = (down ? down.from[last]! + down.taps[last]! : last + 1) - firstRow
  const across = toWidth === width ? undefined : weightsFor(width, toWidth, kernel)
  const source = { data, line: width * step, step, offset: offset + firstRow * width * step }
  let rows: Uint8Array
  if (across !== undefined) rows = resizeRows(source, rowCount, across, window)
  else if (step === 1 && window.width === width) rows = data.subarray(firstRow * width, (firstRow + rowCount) * width)
  else rows = copyRows(source, rowCount, window)
  const resized = down === undefined ? rows : resizeColumns(rows, firstRow, down, window)
  return { data: resized, width: window.width, height: window.height }
}

interface SourceRows {
  data: Uint8Array
  /** Samples from a row to the next. */
  line: number
  step: number
  /** First sample of the first row. */
  offset: number
}

function copyRows({ data, line, step, offset }: SourceRows, count: number, { left, width }: Window): Uint8Array {
  const out = new Uint8Array(width * count)
  for (let y = 0, to = 0; y < count; y++)
    for (let x = 0, at = offset + y * line + left * step; x < width; x++, at += step) out[to++] = data[at]!
  return out
}

function resizeRows(
  { data, line, step, offset }: SourceRows,
  count: number,
  { from, taps, values, stride }: Weights,
  { left, width }: Window,
): Uint8Array {
  const rows = new Uint8Array(width * count)
  const end = left + width
  const sourceWidth = line / step
  let y = 0
  // Four rows at a time share the reading of the weights. Math.imul and | 0 keep the sums in machine integers, as in C.
  for (; y + 4 <= count; y += 4) {
    for (let t = left, base = y * line + offset, to = y * width; t < end; t++, to++) {
      if (taps[t] === 4) {
        // Enlarging by a cubic kernel, away from the borders.
        const weight = t * stride
        const w0 = values[weight]!
        const w1 = values[weight + 1]!
        const w2 = values[weight + 2]!
        const w3 = values[weight + 3]!
        for (let row = 0, at = base + from[t]! * step, next = to; row < 4; row++, at += line, next += width) {
          const low = (Math.imul(data[at]!, w0) + Math.imul(data[at + step]!, w1)) | 0
          const high = (Math.imul(data[at + 2 * step]!, w2) + Math.imul(data[at + 3 * step]!, w3)) | 0
          rows[next] = clip((low + high + half) >> precision)
        }
        continue
      }
      if ((taps[t] === 5 || taps[t] === 6) && from[t]! + 6 <= sourceWidth) {
        // Making a little smaller by a cubic kernel; where five pixels count, the sixth weighs 0.
        const weight = t * stride
        const w0 = values[weight]!
        const w1 = values[weight + 1]!
        const w2 = values[weight + 2]!
        const w3 = values[weight + 3]!
        const w4 = values[weight + 4]!
        const w5 = values[weight + 5]!
        for (let row = 0, at = base + from[t]! * step, next = to; row < 4; row++, at += line, next += width) {
          const low = (Math.imul(data[at]!, w0) + Math.imul(data[at + step]!, w1)) | 0
          const middle = (Math.imul(data[at + 2 * step]!, w2) + Math.imul(data[at + 3 * step]!, w3)) | 0
          const high = (Math.imul(data[at + 4 * step]!, w4) + Math.imul(data[at + 5 * step]!, w5)) | 0
          rows[next] = clip((low + middle + high + half) >> precision)
        }
        continue
      }
      let sum0 = half
      let sum1 = half
      let sum2 = half
      let sum3 = half
      let weight = t * stride
      for (let at = base + from[t]! * step, stop = at + taps[t]! * step; at < stop; at += step) {
        const w = values[weight++]!
        sum0 = (sum0 + Math.imul(data[at]!, w)) | 0
        sum1 = (sum1 + Math.imul(data[at + line]!, w)) | 0
        sum2 = (sum2 + Math.imul(data[at + 2 * line]!, w)) | 0
        sum3 = (sum3 + Math.imul(data[at + 3 * line]!, w)) | 0
      }
      rows[to] = clip(sum0 >> precision)
      rows[to + width] = clip(sum1 >> precision)
      rows[to + 2 * width] = clip(sum2 >> precision)
      rows[to + 3 * width] = clip(sum3 >> precision)
    }
  }
  for (; y < count; y++) {
    for (let t = left, to = y * width; t < end; t++, to++) {
      let sum = half
      let weight = t * stride
      for (let at = y * line + offset + from[t]! * step, stop = at + taps[t]! * step; at < stop; at += step)
        sum = (sum + Math.imul(data[at]!, values[weight++]!)) | 0
      rows[to] = clip(sum >> precision)
    }
  }
  return rows
}

/** `rows` begin at row `firstRow` of the source. */
function resizeColumns(
  rows: Uint8Array,
  firstRow: number,
  { from, taps, values, stride }: Weights,
  { top, width, height }: Window,
): Uint8Array {
  const out = new Uint8Array(width * height)
  for (let t = top, to = 0; t < top + height; t++) {
    const first = (from[t]! - firstRow) * width
    const weight = t * stride
    if (taps[t] === 4) {
      // Enlarging by a cubic kernel, away from the borders.
      const w0 = values[weight]!
      const w1 = values[weight + 1]!
      const w2 = values[weight + 2]!
      const w3 = values[weight + 3]!
      for (let at = first, stop = first + width; at < stop; at++) {
        const low = (Math.imul(rows[at]!, w0) + Math.imul(rows[at + width]!, w1)) | 0
        const high = (Math.imul(rows[at + 2 * width]!, w2) + Math.imul(rows[at + 3 * width]!, w3)) | 0
        out[to++] = clip((low + high + half) >> precision)
      }
      continue
    }
    if ((taps[t] === 5 || taps[t] === 6) && first + 6 * width <= rows.length) {
      // Making a little smaller by a cubic kernel; where five rows count, the sixth weighs 0.
      const w0 = values[weight]!
      const w1 = values[weight + 1]!
      const w2 = values[weight + 2]!
      const w3 = values[weight + 3]!
      const w4 = values[weight + 4]!
      const w5 = values[weight + 5]!
      for (let at = first, stop = first + width; at < stop; at++) {
        const low = (Math.imul(rows[at]!, w0) + Math.imul(rows[at + width]!, w1)) | 0
        const middle = (Math.imul(rows[at + 2 * width]!, w2) + Math.imul(rows[at + 3 * width]!, w3)) | 0
        const high = (Math.imul(rows[at + 4 * width]!, w4) + Math.imul(rows[at + 5 * width]!, w5)) | 0
        out[to++] = clip((low + middle + high + half) >> precision)
      }
      continue
    }
    const deep = taps[t]! * width
    let x = 0
    // Four columns at a time share the reading of the weights.
    for (; x + 4 <= width; x += 4) {
      let sum0 = half
      let sum1 = half
      let sum2 = half
      let sum3 = half
      let next = weight
      for (let at = first + x, stop = at + deep; at < stop; at += width) {
        const w = values[next++]!
        sum0 = (sum0 + Math.imul(rows[at]!, w)) | 0
        sum1 = (sum1 + Math.imul(rows[at + 1]!, w)) | 0
        sum2 = (sum2 + Math.imul(rows[at + 2]!, w)) | 0
        sum3 = (sum3 + Math.imul(rows[at + 3]!, w)) | 0
      }
      out[to++] = clip(sum0 >> precision)
      out[to++] = clip(sum1 >> precision)
      out[to++] = clip(sum2 >> precision)
      out[to++] = clip(sum3 >> precision)
    }
    for (; x < width; x++) {
      let sum = half
      let next = weight
      for (let at = first + x, stop = at + deep; at < stop; at += width)
        sum = (sum + Math.imul(rows[at]!, values[next++]!)) | 0
      out[to++] = clip(sum >> precision)
    }
  }
  return out
}

/** Mean of blocks of `factor` × `factor` pixels; blocks at the right and lower edge may be smaller. */
export function shrinkGray({ data, width, height }: GrayPlane, factor: number): GrayPlane {
  const toWidth = Math.ceil(width / factor)
  const toHeight = Math.ceil(height / factor)
  const out = new Uint8Array(toWidth * toHeight)
  const sums = new Uint32Array(toWidth)
  for (let row = 0, y = 0; row < toHeight; row++) {
    sums.fill(0)
    const end = Math.min(height, y + factor)
    const tall = end - y
    for (; y < end; y++) {
      let at = y * width
      for (let column = 0, x = 0; column < toWidth; column++) {
        let sum = 0
        for (const stop = Math.min(width, x + factor); x < stop; x++) sum += data[at++]!
        sums[column]! += sum
      }
    }
    for (let column = 0; column < toWidth; column++) {
      const wide = Math.min(factor, width - column * factor)
      out[row * toWidth + column] = Math.round(sums[column]! / (wide * tall))
    }
  }
  return { data: out, width: toWidth, height: toHeight }
}
