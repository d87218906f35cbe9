import { readOrientation } from './exif.ts'
import type { ImageHeader } from './header.ts'
import { MediaFault } from './problem.ts'

/** Reads the markers before the first scan (ITU-T T.81, Annex B). Throws MediaFault image-truncated, image-unreadable. */
export function readJpegHeader(bytes: Buffer): ImageHeader {
  let exif: Buffer | null = null
  let hasIccProfile = false
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) break
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      // Fill byte.
      at++
      continue
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2
      continue
    }
    if (marker === 0xd9 || marker === 0xda) break
    const length = bytes.readUInt16BE(at + 2)
    // SOF0 to SOF15 but DHT (C4), JPG (C8) and DAC (CC).
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame && at + 10 <= bytes.length) {
      const channels = bytes[at + 9]!
      return {
        format: 'jpeg',
        width: bytes.readUInt16BE(at + 7),
        height: bytes.readUInt16BE(at + 5),
        channels,
        depth: bytes[at + 4]!,
        mode: channels === 1 ? 'gray' : channels === 3 ? 'rgb' : channels === 4 ? 'cmyk' : 'other',
        hasAlpha: false,
        frames: 1,
        exif,
        orientation: readOrientation(exif),
        hasIccProfile,
      }
    }
    if (marker === 0xe1 && bytes.toString('latin1', at + 4, at + 10) === 'Exif\0\0')
      exif ??= bytes.subarray(at + 10, at + 2 + length)
    if (marker === 0xe2) hasIccProfile ||= bytes.toString('latin1', at + 4, at + 15) === 'ICC_PROFILE'
    at += 2 + length
  }
  if (at + 4 > bytes.length) {
    throw new MediaFault(
      'image-truncated',
      'The JPEG ends inside its header.',
      'Copy it again from where it came from, or remove it.',
    )
  }
  throw new MediaFault(
    'image-unreadable',
    'The JPEG has no picture in it (no frame header).',
    'Save it again, or remove it.',
  )
}
