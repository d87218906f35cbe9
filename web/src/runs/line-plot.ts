/** A line to draw; `x` rises. */
export interface Line {
  name: string
  x: readonly number[]
  y: readonly number[]
}

export interface Frame {
  left: number
  top: number
  width: number
  height: number
}

export interface Scale {
  low: number
  high: number
  isLog: boolean
  /** Values to write at the axis. */
  ticks: number[]
}

/** A scale that holds all values; logarithmic ones leave out what is not above 0. Undefined without values. */
export function makeScale(values: Iterable<number>, isLog: boolean, most = 5): Scale | undefined {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (!Number.isFinite(value) || (isLog && value <= 0)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return undefined
  if (low === high) {
    const room = low === 0 ? 1 : Math.abs(low) * 0.1
    ;[low, high] = isLog ? [low / 2, high * 2] : [low - room, high + room]
  }
  return { low, high, isLog, ticks: isLog ? logTicks(low, high, most) : evenTicks(low, high, most) }
}

function evenTicks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / most
  const ten = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * ten >= rough * (1 - 1e-9)) ?? 10) * ten
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)))
  return ticks
}

function logTicks(low: number, high: number, most: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)]
  const every = Math.max(1, Math.ceil((last - first + 1) / most))
  const tens: number[] = []
  for (let i = first; i <= last; i += every) tens.push(Number(`1e${i}`))
  return tens.length >= 2 ? tens : evenTicks(low, high, most)
}

/** Share of the way from the low end, 0 to 1; NaN for what a logarithmic scale cannot hold. */
export function placeOn({ low, high, isLog }: Scale, value: number): number {
  if (!isLog) return (value - low) / (high - low)
  return value <= 0 ? Number.NaN : Math.log(value / low) / Math.log(high / low)
}

/** A path through the points of a line; it breaks where a value cannot be placed. */
export function drawPath({ x, y }: Line, xScale: Scale, yScale: Scale, { left, top, width, height }: Frame): string {
  let path = ''
  let isOpen = false
  for (let i = 0; i < x.length; i++) {
    const [across, up] = [placeOn(xScale, x[i]!), placeOn(yScale, y[i]!)]
    if (!Number.isFinite(across) || !Number.isFinite(up)) {
      isOpen = false
      continue
    }
    path += `${isOpen ? 'L' : 'M'}${(left + across * width).toFixed(1)} ${(top + (1 - up) * height).toFixed(1)}`
    isOpen = true
  }
  return path
}

/** Number of the point of a line nearest to a place on the axis; −1 without points. */
export function nearestPoint({ x }: Line, at: number): number {
  if (x.length === 0) return -1
  let [low, high] = [0, x.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (x[middle]! < at) low = middle
    else high = middle
  }
  return Math.abs(x[low]! - at) <= Math.abs(x[high]! - at) ? low : high
}
