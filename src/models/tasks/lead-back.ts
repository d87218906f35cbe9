import type { Placement } from '#media'

/** For each pixel along one side of a picture: the two cells of a map that it lies between. */
interface Axis {
  low: Int32Array
  high: Int32Array
  /** Share of `high`, 0 to 1. */
  share: Float32Array
  /** 1 where the pixel was cut off before the network. */
  outside: Uint8Array
}

/** A map of a network's answer and where the picture lies in what the network saw. */
export interface MapGeometry {
  placement: Placement
  /** Size of the network's input, px; the map covers it whole. */
  inputWidthPx: number
  inputHeightPx: number
  /** Cells of the map. */
  width: number
  height: number
}

/** Bilinear, pixel centres half a pixel in, borders repeated: `align_corners=False` of PyTorch's interpolate. */
export function layAxis(countPx: number, scale: number, offset: number, inputPx: number, cells: number): Axis {
  const axis: Axis = {
    low: new Int32Array(countPx),
    high: new Int32Array(countPx),
    share: new Float32Array(countPx),
    outside: new Uint8Array(countPx),
  }
  for (let i = 0; i < countPx; i++) {
    const seen = (i + 0.5) * scale + offset
    if (seen < 0 || seen > inputPx) {
      axis.outside[i] = 1
      continue
    }
    const at = Math.min(cells - 1, Math.max(0, (seen * cells) / inputPx - 0.5))
    axis.low[i] = Math.floor(at)
    axis.high[i] = Math.min(cells - 1, axis.low[i]! + 1)
    axis.share[i] = at - axis.low[i]!
  }
  return axis
}

/**
 * Leads channels of a map ([channels × height × width]) back to a picture of `widthPx` × `heightPx` and calls `visit` once for each
 * row with the values of every channel, [channels × widthPx]; pixels that the network did not see have 1 in `outside`.
 */
export function leadBack(
  values: Float32Array,
  channels: number,
  { placement, inputWidthPx, inputHeightPx, width, height }: MapGeometry,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
  visit: (y: number, row: Float32Array, outside: Uint8Array) => void,
): void {
  const across = layAxis(widthPx, placement.scaleX, placement.offsetX, inputWidthPx, width)
  const down = layAxis(heightPx, placement.scaleY, placement.offsetY, inputHeightPx, height)
  const nowhere = new Uint8Array(widthPx).fill(1)
  const blended = new Float32Array(channels * width)
  const row = new Float32Array(channels * widthPx)
  for (let y = 0; y < heightPx; y++) {
    if (down.outside[y] === 1) {
      visit(y, row.fill(0), nowhere)
      continue
    }
    const share = down.share[y]!
    for (let channel = 0; channel < channels; channel++) {
      const top = (channel * height + down.low[y]!) * width
      const bottom = (channel * height + down.high[y]!) * width
      const base = channel * width
      for (let i = 0; i < width; i++) {
        const first = values[top + i]!
        blended[base + i] = first + (values[bottom + i]! - first) * share
      }
      const into = channel * widthPx
      for (let x = 0; x < widthPx; x++) {
        const first = blended[base + across.low[x]!]!
        row[into + x] = first + (blended[base + across.high[x]!]! - first) * across.share[x]!
      }
    }
    visit(y, row, across.outside)
  }
}

/** Numbers that cover a picture whole, in a resolution of their own. */
export interface WholeMap {
  widthPx: number
  heightPx: number
  data: Float32Array
}

/** Where a map lies that covers a picture of another size whole. */
export const coverWhole = (
  map: WholeMap,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): MapGeometry => ({
  placement: { scaleX: map.widthPx / widthPx, scaleY: map.heightPx / heightPx, offsetX: 0, offsetY: 0 },
  inputWidthPx: map.widthPx,
  inputHeightPx: map.heightPx,
  width: map.widthPx,
  height: map.heightPx,
})

/** Brings a map bilinearly to the size of its picture, and hands it over row by row. */
export function stretchRows(
  map: WholeMap,
  size: { widthPx: number; heightPx: number },
  visit: (y: number, row: Float32Array) => void,
): void {
  leadBack(map.data, 1, coverWhole(map, size), size, visit)
}

/** A map that covers its picture whole, brought bilinearly to another size, px. */
export function stretchMap(map: WholeMap, size: { widthPx: number; heightPx: number }): Float32Array {
  const stretched = new Float32Array(size.widthPx * size.heightPx)
  stretchRows(map, size, (y, row) => stretched.set(row, y * size.widthPx))
  return stretched
}
