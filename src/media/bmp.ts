import type { ImageHeader } from './header.ts'
import { MediaFault } from './problem.ts'

/** Compression codes of BITMAPINFOHEADER (wingdi.h). */
const compressions = { rgb: 0, rle8: 1, rle4: 2, bitFields: 3, alphaBitFields: 6 }

interface BmpLayout {
  width: number
  height: number
  topDown: boolean
  bits: number
  compression: number
  /** Where the pixels start. */
  pixelsAt: number
  /** Blue, green, red and a fourth byte each; three bytes an entry in OS/2 files. */
  palette: { at: number; entryBytes: number; count: number }
  masks: { red: number; green: number; blue: number; alpha: number }
}

const truncated = (): MediaFault =>
  new MediaFault(
    'image-truncated',
    'The BMP ends before its last row.',
    'Copy it again from where it came from, or remove it.',
  )

const unsupported = (what: string): MediaFault => new MediaFault('image-unsupported', what, 'Convert it to PNG.')

function readLayout(bytes: Buffer): BmpLayout {
  if (bytes.length < 26) throw truncated()
  const headerBytes = bytes.readUInt32LE(14)
  const isCore = headerBytes === 12
  if (!isCore && (headerBytes < 40 || headerBytes > 256))
    throw unsupported(`The BMP has a header of an unknown kind (${headerBytes} bytes).`)
  if (bytes.length < 14 + headerBytes) throw truncated()
  const width = isCore ? bytes.readUInt16LE(18) : bytes.readInt32LE(18)
  const rows = isCore ? bytes.readUInt16LE(20) : bytes.readInt32LE(22)
  const bits = bytes.readUInt16LE(isCore ? 24 : 28)
  const compression = isCore ? compressions.rgb : bytes.readUInt32LE(30)
  const statedColors = isCore ? 0 : bytes.readUInt32LE(46)
  const withFields = compression === compressions.bitFields || compression === compressions.alphaBitFields
  const masks =
    bits === 16
      ? { red: 0x7c00, green: 0x3e0, blue: 0x1f, alpha: 0 }
      : { red: 0xff0000, green: 0xff00, blue: 0xff, alpha: 0 }
  let paletteAt = 14 + headerBytes
  if (withFields) {
    if (bytes.length < 66) throw truncated()
    masks.red = bytes.readUInt32LE(54)
    masks.green = bytes.readUInt32LE(58)
    masks.blue = bytes.readUInt32LE(62)
    const hasAlphaMask = headerBytes >= 56 || compression === compressions.alphaBitFields
    if (hasAlphaMask && bytes.length >= 70) masks.alpha = bytes.readUInt32LE(66)
    // In a plain 40-byte header the masks follow it, as if they were its palette.
    if (headerBytes === 40) paletteAt += compression === compressions.alphaBitFields ? 16 : 12
  }
  const pixelsAt = bytes.readUInt32LE(10)
  const entryBytes = isCore ? 3 : 4
  // Some writers keep fewer colours than they state.
  const room = Math.max(0, Math.floor((pixelsAt - paletteAt) / entryBytes))
  const count = bits <= 8 ? Math.min(statedColors || 1 << bits, 1 << bits, room) : 0
  return {
    width,
    height: Math.abs(rows),
    topDown: rows < 0,
    bits,
    compression,
    pixelsAt,
    palette: { at: paletteAt, entryBytes, count },
    masks,
  }
}

/** Reads the header of a Windows or OS/2 bitmap. Throws MediaFault image-truncated, image-unsupported. */
export function readBmpHeader(bytes: Buffer): ImageHeader {
  const layout = readLayout(bytes)
  const supported =
    layout.compression === compressions.rgb
      ? [1, 4, 8, 16, 24, 32].includes(layout.bits)
      : layout.compression === compressions.rle8
        ? layout.bits === 8
        : layout.compression === compressions.rle4
          ? layout.bits === 4
          : (layout.compression === compressions.bitFields || layout.compression === compressions.alphaBitFields) &&
            (layout.bits === 16 || layout.bits === 32)
  if (!supported)
    throw unsupported(
      `The BMP has ${layout.bits} bits a pixel with compression ${layout.compression}, which is not read.`,
    )
  const hasAlpha = layout.masks.alpha !== 0
  return {
    format: 'bmp',
    width: layout.width,
    height: layout.height,
    channels: hasAlpha ? 4 : 3,
    depth: 8,
    mode: 'rgb',
    hasAlpha,
    frames: 1,
    exif: null,
    orientation: 1,
    hasIccProfile: false,
  }
}

/**
 * Decodes a bitmap of 1, 4, 8, 16, 24 or 32 bits, plain, with bit fields or run-length encoded, to RGB, or RGBA when the
 * file has an alpha mask. Throws MediaFault image-truncated. Call {@link readBmpHeader} first: it refuses what is not read here.
 */
export function decodeBmp(bytes: Buffer): { data: Uint8Array; width: number; height: number; channels: 3 | 4 } {
  const layout = readLayout(bytes)
  const { width, height, bits, compression, palette, masks } = layout
  const channels = masks.alpha === 0 ? 3 : 4
  const colors = new Uint8Array(256 * 3)
  if (palette.at + palette.count * palette.entryBytes > bytes.length) throw truncated()
  for (let i = 0; i < palette.count; i++) {
    const at = palette.at + i * palette.entryBytes
    colors[i * 3] = bytes[at + 2]!
    colors[i * 3 + 1] = bytes[at + 1]!
    colors[i * 3 + 2] = bytes[at]!
  }
  const data = new Uint8Array(width * height * channels)
  const rowAt = (row: number): number => (layout.topDown ? row : height - 1 - row) * width * channels
  if (bits <= 8) {
    const indices =
      compression === compressions.rgb ? unpackIndices(bytes, layout) : unpackRuns(bytes, layout, bits === 4)
    for (let row = 0, i = 0; row < height; row++) {
      let to = rowAt(row)
      for (let x = 0; x < width; x++, to += 3) {
        const color = indices[i++]! * 3
        data[to] = colors[color]!
        data[to + 1] = colors[color + 1]!
        data[to + 2] = colors[color + 2]!
      }
    }
    return { data, width, height, channels }
  }
  const bytesEach = bits / 8
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  if (layout.pixelsAt + rowBytes * (height - 1) + width * bytesEach > bytes.length) throw truncated()
  const fields =
    channels === 4 ? [masks.red, masks.green, masks.blue, masks.alpha] : [masks.red, masks.green, masks.blue]
  // Position and width of each bit field; clz32 of the lowest set bit gives its place.
  const shifts = fields.map((mask) => (mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)))
  const scales = fields.map((mask, i) => (mask === 0 ? 0 : 255 / (mask >>> shifts[i]!)))
  for (let row = 0; row < height; row++) {
    let to = rowAt(row)
    let from = layout.pixelsAt + row * rowBytes
    for (let x = 0; x < width; x++, to += channels, from += bytesEach) {
      if (bits === 24) {
        data[to] = bytes[from + 2]!
        data[to + 1] = bytes[from + 1]!
        data[to + 2] = bytes[from]!
        continue
      }
      const pixel = bits === 16 ? bytes[from]! | (bytes[from + 1]! << 8) : bytes.readUInt32LE(from)
      for (let c = 0; c < channels; c++) data[to + c] = Math.round(((pixel & fields[c]!) >>> shifts[c]!) * scales[c]!)
    }
  }
  return { data, width, height, channels }
}

/** Palette indices in the order of the file's rows. */
function unpackIndices(bytes: Buffer, { width, height, bits, pixelsAt }: BmpLayout): Uint8Array {
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  if (pixelsAt + rowBytes * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length) throw truncated()
  const indices = new Uint8Array(width * height)
  const mask = (1 << bits) - 1
  for (let row = 0, i = 0; row < height; row++) {
    const from = pixelsAt + row * rowBytes
    for (let x = 0; x < width; x++) {
      const bit = x * bits
      indices[i++] = (bytes[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask
    }
  }
  return indices
}

/** Undoes BI_RLE8 and BI_RLE4: pairs of count and value; a count of 0 escapes to end of line, end, jump or literal run. */
function unpackRuns(bytes: Buffer, { width, height, pixelsAt }: BmpLayout, nibbles: boolean): Uint8Array {
  const indices = new Uint8Array(width * height)
  let at = pixelsAt
  let x = 0
  let row = 0
  const put = (value: number): void => {
    if (x < width && row < height) indices[row * width + x] = value
    x++
  }
  const nth = (value: number, i: number): number => (nibbles ? (i % 2 === 0 ? value >> 4 : value & 15) : value)
  while (row < height) {
    if (at + 2 > bytes.length) throw truncated()
    const count = bytes[at]!
    const value = bytes[at + 1]!
    at += 2
    if (count > 0) for (let i = 0; i < count; i++) put(nth(value, i))
    else if (value === 0) {
      x = 0
      row++
    } else if (value === 1) break
    else if (value === 2) {
      if (at + 2 > bytes.length) throw truncated()
      x += bytes[at]!
      row += bytes[at + 1]!
      at += 2
    } else {
      const literal = nibbles ? Math.ceil(value / 2) : value
      if (at + literal > bytes.length) throw truncated()
      for (let i = 0; i < value; i++) put(nth(bytes[at + (nibbles ? i >> 1 : i)]!, i))
      at += literal + (literal % 2)
    }
  }
  return indices
}
