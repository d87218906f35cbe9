import { constants, crc32, deflateSync, inflateSync } from 'node:zlib'
import { MediaFault } from './problem.ts'

/** Samples of a PNG as they stand in the file: palette indices, grey of 1 to 16 bits, or colours. */
export interface PngSamples {
  /** Interleaved, row by row; one entry a sample, bits unpacked. */
  data: Uint8Array | Uint16Array
  width: number
  height: number
  channels: 1 | 2 | 3 | 4
  depth: number
  isPalette: boolean
}

const channelsOfColorType: Record<number, PngSamples['channels']> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** First column, first row, step across and step down of the seven passes of Adam7. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/**
 * Reads a PNG without turning indices into colours (PNG, third edition; sharp would apply the palette). The size must have been
 * checked against the pixel limit. Throws MediaFault image-truncated, image-unreadable.
 */
export function readPngSamples(bytes: Buffer): PngSamples {
  const width = bytes.readUInt32BE(16)
  const height = bytes.readUInt32BE(20)
  const depth = bytes[24]!
  const colorType = bytes[25]!
  const channels = channelsOfColorType[colorType]
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth)) {
    throw new MediaFault(
      'image-unreadable',
      `The PNG has colour type ${colorType} at ${depth} bits, which does not exist.`,
      'Save it again.',
    )
  }
  const bits = depth * channels
  const rowBytes = (columns: number): number => Math.ceil((columns * bits) / 8)
  const passes = bytes[28] === 1 ? adam7 : ([[0, 0, 1, 1]] as const)
  const sizes = passes.map(([x, y, dx, dy]) => ({
    columns: Math.max(0, Math.ceil((width - x) / dx)),
    rows: Math.max(0, Math.ceil((height - y) / dy)),
  }))
  const wanted = sizes.reduce((sum, { columns, rows }) => sum + (columns === 0 ? 0 : rows * (rowBytes(columns) + 1)), 0)
  const packed = inflate(bytes, wanted)
  const data = depth === 16 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels)
  let at = 0
  passes.forEach(([x, y, dx, dy], i) => {
    const { columns, rows } = sizes[i]!
    if (columns === 0 || rows === 0) return
    const length = rowBytes(columns)
    undoFilters(packed, at, rows, length, Math.max(1, bits >> 3))
    for (let row = 0; row < rows; row++) {
      const from = at + row * (length + 1) + 1
      const to = ((y + row * dy) * width + x) * channels
      if (depth === 8 && dx === 1) data.set(packed.subarray(from, from + length), to)
      else unpackRow(packed, from, columns, data, to, { depth, channels, step: dx * channels })
    }
    at += rows * (length + 1)
  })
  return { data, width, height, channels, depth, isPalette: colorType === 3 }
}

function inflate(bytes: Buffer, wanted: number): Uint8Array {
  const parts: Buffer[] = []
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  let packed: Buffer
  try {
    packed = inflateSync(parts.length === 1 ? parts[0]! : Buffer.concat(parts), {
      maxOutputLength: Math.max(1, wanted),
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'Z_BUF_ERROR') throw cut()
    const detail = code === 'ERR_BUFFER_TOO_LARGE' ? 'more data than pixels' : String(code)
    throw new MediaFault('image-unreadable', `The PNG's data is broken (${detail}).`, 'Save it again, or remove it.')
  }
  if (packed.length < wanted) throw cut()
  return new Uint8Array(packed.buffer, packed.byteOffset, packed.length)
}

const cut = (): MediaFault =>
  new MediaFault(
    'image-truncated',
    'The PNG ends before its last row.',
    'Copy it again from where it came from, or remove it.',
  )

/** Undoes the filters of rows in place: each row is one filter byte and `length` bytes; `step` bytes a whole pixel. */
function undoFilters(packed: Uint8Array, start: number, rows: number, length: number, step: number): void {
  for (let row = 0; row < rows; row++) {
    const at = start + row * (length + 1) + 1
    const up = row === 0 ? -1 : at - length - 1
    const filter = packed[at - 1]!
    if (filter === 0) continue
    if (filter > 4)
      throw new MediaFault('image-unreadable', `The PNG has an unknown row filter (${filter}).`, 'Save it again.')
    if (filter === 1 && step === 1) {
      for (let i = 1; i < length; i++) packed[at + i] = packed[at + i]! + packed[at + i - 1]!
      continue
    }
    if (filter === 2) {
      if (up >= 0) for (let i = 0; i < length; i++) packed[at + i] = packed[at + i]! + packed[up + i]!
      continue
    }
    for (let i = 0; i < length; i++) {
      const a = i < step ? 0 : packed[at + i - step]!
      const b = up < 0 ? 0 : packed[up + i]!
      let guess: number
      if (filter === 1) guess = a
      else if (filter === 3) guess = (a + b) >> 1
      else {
        const c = i < step || up < 0 ? 0 : packed[up + i - step]!
        const toA = Math.abs(b - c)
        const toB = Math.abs(a - c)
        const toC = Math.abs(a + b - 2 * c)
        guess = toA <= toB && toA <= toC ? a : toB <= toC ? b : c
      }
      packed[at + i] = packed[at + i]! + guess
    }
  }
}

function unpackRow(
  packed: Uint8Array,
  from: number,
  columns: number,
  data: Uint8Array | Uint16Array,
  to: number,
  { depth, channels, step }: { depth: number; channels: number; step: number },
): void {
  const mask = (1 << depth) - 1
  for (let column = 0, sample = 0; column < columns; column++, to += step) {
    for (let c = 0; c < channels; c++, sample++) {
      if (depth === 8) data[to + c] = packed[from + sample]!
      else if (depth === 16) data[to + c] = (packed[from + sample * 2]! << 8) | packed[from + sample * 2 + 1]!
      else {
        const bit = sample * depth
        data[to + c] = (packed[from + (bit >> 3)]! >> (8 - depth - (bit & 7))) & mask
      }
    }
  }
}

/** An RGB colour of a palette. */
export type PaletteColor = readonly [red: number, green: number, blue: number]

/**
 * Bytes of a PNG of one channel: 8-bit grey or indices for a Uint8Array, 16-bit grey for a Uint16Array (no palette then).
 * Throws RangeError when the number of pixels is not `width * height`, or an index lies beyond the palette.
 */
export function encodePng(
  pixels: Uint8Array | Uint16Array,
  width: number,
  height: number,
  { palette }: { palette?: readonly PaletteColor[] } = {},
): Buffer {
  const isWide = pixels instanceof Uint16Array
  if (pixels.length !== width * height)
    throw new RangeError(`Expected ${width} × ${height} pixels, got ${pixels.length}.`)
  if (palette && (isWide || palette.length === 0 || palette.length > 256)) {
    throw new RangeError(
      `Expected 8-bit pixels and 1 to 256 colours, got ${isWide ? '16-bit' : '8-bit'} pixels and ${palette.length}.`,
    )
  }
  const rowBytes = width * (isWide ? 2 : 1)
  const rows = Buffer.alloc((rowBytes + 1) * height)
  for (let y = 0; y < height; y++) {
    const to = y * (rowBytes + 1) + 1
    if (isWide) for (let x = 0; x < width; x++) rows.writeUInt16BE(pixels[y * width + x]!, to + x * 2)
    else rows.set(pixels.subarray(y * width, (y + 1) * width), to)
  }
  if (palette) {
    let highest = 0
    for (let i = 0; i < pixels.length; i++) if (pixels[i]! > highest) highest = pixels[i]!
    if (highest >= palette.length) throw new RangeError(`Expected indices below ${palette.length}, got ${highest}.`)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = isWide ? 16 : 8
  header[9] = palette ? 3 : 0
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Buffer.from(palette.flat()))] : []),
    // Masks are long runs of one value, which run-length matching alone packs well and fast.
    chunk('IDAT', deflateSync(rows, { strategy: constants.Z_RLE })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(data.length + 12)
  whole.writeUInt32BE(data.length, 0)
  whole.write(name, 4, 'latin1')
  data.copy(whole, 8)
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + data.length)), 8 + data.length)
  return whole
}
