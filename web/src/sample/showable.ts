/** What is known of a file before it is read. */
export interface FileFacts {
  format: string | null
  width: number
  height: number
  depth: number | null
  frames: number | null
}

/** Longest side and most pixels that browsers decode and draw everywhere: 2^14 px is the limit of common textures, 120 megapixels are 480 MB. */
const maxSidePx = 16_384
const maxPixels = 120_000_000

const shownFormats = new Set(['jpeg', 'png', 'webp', 'gif', 'bmp', 'avif'])

/** Whether the file itself can be shown, or its thumbnail stands for it; and what people should know about that. */
export function judgeFile({ format, width, height, depth, frames }: FileFacts): {
  whole: boolean
  note: string | null
} {
  if (format !== null && !shownFormats.has(format))
    return {
      whole: false,
      note: `Browsers cannot show ${format.toUpperCase()}, so this is the thumbnail, enlarged. Labels lie where they belong; download the file to see every pixel.`,
    }
  if (width > maxSidePx || height > maxSidePx || width * height > maxPixels)
    return {
      whole: false,
      note: `${width.toLocaleString('en')} × ${height.toLocaleString('en')} px is more than a browser can draw at once, so this is the thumbnail, enlarged. Labels lie where they belong; download the file to see every pixel.`,
    }
  const notes = [
    ...(frames !== null && frames > 1 ? [`The first of ${frames.toLocaleString('en')} frames.`] : []),
    ...(depth !== null && depth > 8 ? [`Shown with 8 of its ${depth} bits a channel.`] : []),
  ]
  return { whole: true, note: notes.length === 0 ? null : notes.join(' ') }
}
