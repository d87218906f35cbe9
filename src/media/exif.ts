import exifr from 'exifr'
import type { MediaFacts } from '#contract'

export type ExifFacts = Pick<
  MediaFacts,
  | 'captured_at'
  | 'exif.make'
  | 'exif.model'
  | 'exif.aperture'
  | 'exif.iso'
  | 'exif.shutter'
  | 'exif.focal_length'
  | 'exif.orientation'
  | 'exif.latitude'
  | 'exif.longitude'
  | 'exif.altitude'
>

const noExif: ExifFacts = {
  captured_at: null,
  'exif.make': null,
  'exif.model': null,
  'exif.aperture': null,
  'exif.iso': null,
  'exif.shutter': null,
  'exif.focal_length': null,
  'exif.orientation': null,
  'exif.latitude': null,
  'exif.longitude': null,
  'exif.altitude': null,
}

const options = {
  tiff: true,
  ifd0: { pick: ['Make', 'Model', 'Orientation'] },
  exif: {
    pick: [
      'FNumber',
      'ISO',
      'ExposureTime',
      'FocalLength',
      'DateTimeOriginal',
      'DateTimeDigitized',
      'CreateDate',
      'OffsetTimeOriginal',
      'OffsetTimeDigitized',
      'SubSecTimeOriginal',
    ],
  },
  gps: true,
  ifd1: false,
  interop: false,
  reviveValues: false,
  translateValues: false,
}

/** Reads the tags of a TIFF block that the fields need. Broken EXIF gives nulls: the picture is still good. */
export async function readExif(block: Buffer | null): Promise<ExifFacts> {
  if (block === null) return noExif
  let tags: Record<string, unknown>
  try {
    tags = ((await exifr.parse(block, options)) as Record<string, unknown> | undefined) ?? {}
  } catch {
    return noExif
  }
  const altitude = numberOf(tags['GPSAltitude'])
  const belowSea =
    Number(tags['GPSAltitudeRef'] instanceof Uint8Array ? tags['GPSAltitudeRef'][0] : tags['GPSAltitudeRef']) === 1
  const orientation = numberOf(tags['Orientation'])
  const iso = numberOf(
    Array.isArray(tags['ISO']) || ArrayBuffer.isView(tags['ISO'])
      ? (tags['ISO'] as ArrayLike<unknown>)[0]
      : tags['ISO'],
  )
  return {
    captured_at: readTime(tags),
    'exif.make': textOf(tags['Make']),
    'exif.model': textOf(tags['Model']),
    'exif.aperture': positive(tags['FNumber']),
    'exif.iso': iso === null ? null : Math.round(iso),
    'exif.shutter': positive(tags['ExposureTime']),
    'exif.focal_length': positive(tags['FocalLength']),
    'exif.orientation': orientation !== null && isOrientation(orientation) ? orientation : null,
    'exif.latitude': within(tags['latitude'], 90),
    'exif.longitude': within(tags['longitude'], 180),
    'exif.altitude': altitude === null ? null : belowSea ? -altitude : altitude,
  }
}

const isOrientation = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 8

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function positive(value: unknown): number | null {
  const number = numberOf(value)
  return number !== null && number > 0 ? number : null
}

function within(value: unknown, bound: number): number | null {
  const number = numberOf(value)
  return number !== null && Math.abs(number) <= bound ? number : null
}

function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  // Cameras pad with NULs and blanks.
  const text = value.replace(/\p{Cc}+/gu, ' ').trim()
  return text === '' ? null : text
}

/** ISO 8601 in UTC. A time without an offset is taken as UTC (EXIF 2.31 and later state one, older cameras do not). */
function readTime(tags: Record<string, unknown>): string | null {
  const [local, zone] =
    textOf(tags['DateTimeOriginal']) !== null
      ? [textOf(tags['DateTimeOriginal']), textOf(tags['OffsetTimeOriginal'])]
      : [textOf(tags['DateTimeDigitized'] ?? tags['CreateDate']), textOf(tags['OffsetTimeDigitized'])]
  const parts = /^(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(local ?? '')
  if (!parts) return null
  const fraction = /^\d{1,9}/.exec(textOf(tags['SubSecTimeOriginal']) ?? '')?.[0] ?? '0'
  const offset = /^[+-]\d\d:\d\d$/.test(zone ?? '') ? zone! : 'Z'
  const [, year, month, day, hour, minute, second] = parts
  const at = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`,
  )
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

/** The orientation tag (0x0112) of the first directory of a TIFF block; 1 when absent or nonsense. */
export function readOrientation(block: Buffer | null): number {
  if (block === null || block.length < 14) return 1
  const little = block[0] === 0x49
  const u16 = (at: number): number =>
    at + 2 > block.length ? 0 : little ? block.readUInt16LE(at) : block.readUInt16BE(at)
  const first = little ? block.readUInt32LE(4) : block.readUInt32BE(4)
  const count = u16(first)
  for (let i = 0; i < count; i++) {
    const entry = first + 2 + i * 12
    if (entry + 12 > block.length) return 1
    if (u16(entry) === 0x0112) return isOrientation(u16(entry + 8)) ? u16(entry + 8) : 1
  }
  return 1
}
