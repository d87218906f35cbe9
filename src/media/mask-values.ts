import type { MaskPixels } from './mask.ts'
import type { ImageFormat } from './sniff.ts'

/** Formats that smear values. */
const lossy: ReadonlySet<ImageFormat> = new Set(['jpeg', 'webp', 'avif'])

/**
 * What `values: 'auto'` means for a file. A palette or colours mean `index`; so does declaring the largest value void.
 * Grey files are told by their histogram: numbers are low and each covers some area; antialiasing and compression leave
 * many values with few pixels each, up to those near white, beside a larger white area.
 */
export function chooseValues(
  { range, kind, histogram }: MaskPixels,
  format: ImageFormat,
  ignore: ReadonlySet<number>,
): 'binary' | 'index' {
  if (kind === 'palette') return 'index'
  if (lossy.has(format)) return 'binary'
  if (histogram === null || ignore.has(range)) return 'index'
  const areas: number[] = []
  let top = 0
  for (let value = 1; value < range; value++) {
    if (histogram[value] === 0) continue
    areas.push(histogram[value]!)
    top = value
  }
  if (areas.length === 0) return 'binary'
  // 1, 2, 3 … without a gap are numbers; and nothing of fewer than 8 bits is smoothed.
  if (areas.length === top || range < 255) return 'index'
  areas.sort((a, b) => a - b)
  const isSpeckled = areas.length >= 8 && areas[areas.length >> 1]! < 16
  const level = (top / range) * 255
  if (isSpeckled || level > 200) return 'binary'
  const white = histogram[range]!
  if (white === 0 || level <= 64) return 'index'
  return areas.reduce((sum, area) => sum + area, 0) >= white ? 'index' : 'binary'
}
