import { readOrientation } from './exif.ts'
import type { ImageHeader } from './header.ts'
import { MediaFault } from './problem.ts'

/** Reads IHDR and what the chunk names tell (PNG, third edition). Throws MediaFault image-truncated, image-unreadable. */
export function readPngHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < 33) {
    throw new MediaFault(
      'image-truncated',
      'The PNG ends inside its header.',
      'Copy it again from where it came from, or remove it.',
    )
  }
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') {
    throw new MediaFault(
      'image-unreadable',
      'The PNG does not begin with its header chunk.',
      'Save it again, or remove it.',
    )
  }
  const depth = bytes[24]!
  const colorType = bytes[25]!
  const isPalette = colorType === 3
  const isGray = (colorType & 2) === 0
  let hasAlpha = (colorType & 4) !== 0
  let exif: Buffer | null = null
  let hasIccProfile = false
  let frames = 1
  for (let at = 33; at + 12 <= bytes.length;) {
    const name = bytes.toString('latin1', at + 4, at + 8)
    if (name === 'tRNS') hasAlpha = true
    else if (name === 'eXIf') exif = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at))
    else if (name === 'iCCP') hasIccProfile = true
    else if (name === 'acTL') frames = Math.max(1, bytes.readUInt32BE(at + 8))
    at += 12 + bytes.readUInt32BE(at)
  }
  return {
    format: 'png',
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    channels: (isGray && !isPalette ? 1 : 3) + (hasAlpha ? 1 : 0),
    depth: isPalette ? 8 : depth,
    mode: isGray && !isPalette ? 'gray' : 'rgb',
    hasAlpha,
    frames,
    exif,
    orientation: readOrientation(exif),
    hasIccProfile,
  }
}
