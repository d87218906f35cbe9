import { MediaFault } from './problem.ts'

/** Formats that are decoded, by the names of the field `format`. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'gif' | 'bmp' | 'avif'

const extensionsByFormat: Record<ImageFormat, readonly string[]> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png', '.apng'],
  webp: ['.webp'],
  tiff: ['.tif', '.tiff'],
  gif: ['.gif'],
  bmp: ['.bmp', '.dib'],
  avif: ['.avif'],
}

/** Extensions (lower case, with the dot) by which a folder's images are found; the content decides what they are. */
export const imageExtensions: ReadonlySet<string> = new Set(Object.values(extensionsByFormat).flat())

/** Whether the name of a file says that it is an image. Looks at the extension alone, in any case of letters. */
export function isImagePath(path: string): boolean {
  const dot = path.lastIndexOf('.')
  return dot > 0 && imageExtensions.has(path.slice(dot).toLowerCase())
}

const startsWith = (bytes: Buffer, text: string, at = 0): boolean =>
  bytes.toString('latin1', at, at + text.length) === text

/** Format by signature, whatever the file is called. Throws MediaFault image-unsupported that names what was found. */
export function sniffFormat(bytes: Buffer): ImageFormat {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg'
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'png'
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return 'gif'
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)) return 'webp'
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((mark) => startsWith(bytes, mark))) return 'tiff'
  // The four bytes after the file size are reserved and zero; they keep text that starts with "BM" out.
  if (startsWith(bytes, 'BM') && bytes.length >= 26 && bytes.readUInt32LE(14) <= 256) return 'bmp'
  const brands = startsWith(bytes, 'ftyp', 4) ? bytes.toString('latin1', 8, Math.min(bytes.readUInt32BE(0), 64)) : ''
  if (/avif|avis/.test(brands)) return 'avif'
  throw new MediaFault(
    'image-unsupported',
    `Expected an image (${Object.keys(extensionsByFormat).join(', ')}), got ${nameContent(bytes, brands)}.`,
    'Convert it to JPEG or PNG, or remove it.',
  )
}

function nameContent(bytes: Buffer, brands: string): string {
  if (/heic|heix|hevc|mif1|msf1/.test(brands)) return 'a HEIC picture'
  if (brands !== '') return `a video or picture of kind ${JSON.stringify(brands.slice(0, 4))}`
  if (startsWith(bytes, '%PDF')) return 'a PDF document'
  if (startsWith(bytes, 'PK\x03\x04')) return 'a zip archive'
  if (startsWith(bytes, '\x1f\x8b')) return 'a gzip archive'
  if (startsWith(bytes, '8BPS')) return 'a Photoshop document'
  if (startsWith(bytes, 'jP  ', 4)) return 'a JPEG 2000 picture'
  if (startsWith(bytes, '\xff\x0a') || startsWith(bytes, 'JXL ', 4)) return 'a JPEG XL picture'
  if (startsWith(bytes, 'version https://git-lfs'))
    return 'a Git LFS pointer (the picture itself was not fetched: git lfs pull)'
  const head = bytes.toString('latin1', 0, 512).trimStart().toLowerCase()
  if (/^(<!doctype html|<html|<head|<body)/.test(head)) return 'an HTML page, as a failed download leaves behind'
  if (head.includes('<svg')) return 'an SVG drawing'
  if (head.startsWith('<?xml')) return 'an XML document'
  if (/^[[{]/.test(head)) return 'JSON text'
  if (bytes.subarray(0, 512).every((byte) => byte === 0)) return 'zero bytes only'
  return `bytes of an unknown kind (they begin with ${bytes.toString('hex', 0, 8)})`
}
