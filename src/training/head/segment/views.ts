import type { SegmentParams } from './params.ts'

/** Ways of looking at a square picture: bit 0 exchanges left and right, bit 1 top and bottom, bit 2 rows and columns (in that order). */
const views: Record<SegmentParams['augment'], readonly number[]> = {
  none: [0],
  mirror: [0, 1],
  all: [0, 1, 2, 3, 4, 5, 6, 7],
}

export const viewsOf = (augment: SegmentParams['augment']): readonly number[] => views[augment]

/** Where each pixel of a view of sizePx × sizePx comes from in the picture. */
export function mapView(view: number, sizePx: number): Int32Array {
  return Int32Array.from({ length: sizePx ** 2 }, (_, i) => {
    let [y, x] = [Math.floor(i / sizePx), i % sizePx]
    if (view & 4) [y, x] = [x, y]
    if (view & 2) y = sizePx - 1 - y
    if (view & 1) x = sizePx - 1 - x
    return y * sizePx + x
  })
}
