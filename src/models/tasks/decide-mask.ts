import { coverWhole, layAxis, type MapGeometry, type WholeMap } from './lead-back.ts'

/** Rounding of a blend of 32-bit numbers of at most one is far below this. */
const slack = 1e-5

/** The class of each pixel, and of each class how many pixels it has and the sum of its probability over them. */
export interface DecidedMask {
  /** 0 where no channel wins, or `first` and the channel that does. */
  data: Uint8Array
  sums: Float64Array
  counts: Float64Array
}

/**
 * Leads channels of probabilities ([channels × height × width]) back to a picture bilinearly, as `leadBack` does, and lets the highest
 * of `floor` or more win in each pixel, the earlier where two are equal. Between four cells of the map where the same channel is highest
 * it is so everywhere, and a pixel costs next to nothing; only along the borders of what was found are all channels led back.
 */
export function decideMask(
  values: Float32Array,
  channels: number,
  { placement, inputWidthPx, inputHeightPx, width, height }: MapGeometry,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
  { first, floor }: { first: number; floor: number },
): DecidedMask {
  const sure = findSure(values, channels, floor)
  const across = layAxis(widthPx, placement.scaleX, placement.offsetX, inputWidthPx, width)
  const down = layAxis(heightPx, placement.scaleY, placement.offsetY, inputHeightPx, height)
  const spans = findSpans(across)
  const cells = width * height
  const found: DecidedMask = {
    data: new Uint8Array(widthPx * heightPx),
    sums: new Float64Array(channels + first),
    counts: new Float64Array(channels + first),
  }
  const left = new Float64Array(channels)
  const right = new Float64Array(channels)
  for (let y = 0; y < heightPx; y++) {
    if (down.outside[y] === 1) continue
    const top = down.low[y]! * width
    const bottom = down.high[y]! * width
    const share = down.share[y]!
    for (const { from, to, low, high, shares } of spans) {
      const winner = sure[top + low]!
      const isSure =
        winner !== undecided &&
        winner === sure[top + high] &&
        winner === sure[bottom + low] &&
        winner === sure[bottom + high]
      if (isSure && (winner === nobody || winner + first === 0)) continue
      const [begin, end] = isSure ? [winner, winner + 1] : [0, channels]
      for (let channel = begin, base = begin * cells; channel < end; channel++, base += cells) {
        const [upLeft, upRight] = [values[base + top + low]!, values[base + top + high]!]
        left[channel] = upLeft + (values[base + bottom + low]! - upLeft) * share
        right[channel] = upRight + (values[base + bottom + high]! - upRight) * share
      }
      if (isSure) {
        const number = winner + first
        found.data.fill(number, y * widthPx + from, y * widthPx + to)
        found.counts[number]! += to - from
        found.sums[number]! += (to - from) * left[winner]! + (right[winner]! - left[winner]!) * shares
        continue
      }
      for (let x = from, at = y * widthPx + from; x < to; x++, at++) {
        const beside = across.share[x]!
        let best = -1
        let highest = floor
        for (let channel = 0; channel < channels; channel++) {
          const value = left[channel]! + (right[channel]! - left[channel]!) * beside
          if (value > highest || (best < 0 && value >= highest)) {
            highest = value
            best = channel
          }
        }
        const number = best + first
        if (best < 0 || number === 0) continue
        found.data[at] = number
        found.sums[number]! += highest
        found.counts[number]!++
      }
    }
  }
  return found
}

/** 1 for each pixel of a picture where a map that covers it whole, led back bilinearly, reaches a threshold. */
export function markMap(map: WholeMap, size: { widthPx: number; heightPx: number }, threshold: number): Uint8Array {
  return decideMask(map.data, 1, coverWhole(map, size), size, { first: 1, floor: threshold }).data
}

const undecided = -1
const nobody = -2

/** For each cell of a map the channel that is highest there beyond doubt, `nobody` where none reaches the floor, or `undecided`. */
function findSure(values: Float32Array, channels: number, floor: number): Int16Array {
  const cells = values.length / channels
  const sure = new Int16Array(cells)
  const highest = new Float32Array(cells).fill(-Infinity)
  const second = new Float32Array(cells).fill(-Infinity)
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (let cell = 0; cell < cells; cell++, at++) {
      const value = values[at]!
      if (value > highest[cell]!) {
        second[cell] = highest[cell]!
        highest[cell] = value
        sure[cell] = channel
      } else if (value > second[cell]!) second[cell] = value
    }
  for (let cell = 0; cell < cells; cell++) {
    if (highest[cell]! < floor - slack) sure[cell] = nobody
    else if (highest[cell]! < floor + slack || highest[cell]! - second[cell]! < slack) sure[cell] = undecided
  }
  return sure
}

interface Span {
  from: number
  to: number
  low: number
  high: number
  /** Of `high`, over all its pixels. */
  shares: number
}

/** Pixels next to each other that lie between the same two cells; those that the network did not see are in none. */
function findSpans({ low, high, share, outside }: ReturnType<typeof layAxis>): Span[] {
  const spans: Span[] = []
  for (let x = 0; x < low.length; x++) {
    if (outside[x] === 1) continue
    const last = spans.at(-1)
    if (last !== undefined && last.to === x && last.low === low[x]) {
      last.to++
      last.shares += share[x]!
    } else spans.push({ from: x, to: x + 1, low: low[x]!, high: high[x]!, shares: share[x]! })
  }
  return spans
}
