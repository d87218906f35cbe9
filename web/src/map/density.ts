import { boundsOf, type Bounds } from './camera.ts'

/** Number of points around each node of a square grid, smoothed. */
export interface DensityGrid {
  /** Nodes along each side. */
  side: number
  /** Row after row from the lower edge. */
  values: Float32Array
  /** Place of the first node, and the distance of two nodes, in units of the map. */
  left: number
  low: number
  step: number
}

export const densitySide = 256
const sliceOf = 200_000

/**
 * Density of the accepted points: counted on a grid, each point shared among the four nodes around it, then blurred with a Gaussian
 * whose width follows Scott's rule for two dimensions (σ·n^(−1/6); Scott 1992), four tenths of it because maps have many hills.
 * Works in slices between which `pause` lets the page breathe; undefined when the signal was aborted meanwhile or there are no points.
 */
export async function measureDensity(
  places: Float32Array,
  accept: (point: number) => boolean,
  options: { signal: AbortSignal; pause: () => Promise<void> },
): Promise<DensityGrid | undefined> {
  const side = densitySide
  const { left, low, step } = frameOf(boundsOf(places), side)
  const values = new Float32Array(side * side)
  let [count, sumX, sumY, sumXX, sumYY] = [0, 0, 0, 0, 0]
  for (let from = 0; from < places.length / 2; from += sliceOf) {
    if (from > 0) await options.pause()
    if (options.signal.aborted) return undefined
    const to = Math.min(places.length / 2, from + sliceOf)
    for (let i = from; i < to; i++) {
      const x = (places[2 * i]! - left) / step
      const y = (places[2 * i + 1]! - low) / step
      if (!Number.isFinite(x + y) || !accept(i)) continue
      const column = Math.floor(x)
      const row = Math.floor(y)
      const [right, up] = [x - column, y - row]
      const at = row * side + column
      values[at]! += (1 - right) * (1 - up)
      values[at + 1]! += right * (1 - up)
      values[at + side]! += (1 - right) * up
      values[at + side + 1]! += right * up
      count++
      sumX += x
      sumY += y
      sumXX += x * x
      sumYY += y * y
    }
  }
  if (count === 0) return undefined
  const spread = Math.sqrt(Math.max(0, sumXX / count - (sumX / count) ** 2 + sumYY / count - (sumY / count) ** 2) / 2)
  const width = Math.min(12, Math.max(1.5, 0.4 * spread * count ** (-1 / 6)))
  return { side, values: blur(values, side, width), left, low, step }
}

/** A square around the bounds with a margin, so that every hill ends within it. */
function frameOf(bounds: Bounds, side: number): { left: number; low: number; step: number } {
  const extent = Math.max(bounds.right - bounds.left, bounds.high - bounds.low, 1e-6) * 1.3
  const step = extent / (side - 1)
  return {
    left: (bounds.left + bounds.right) / 2 - extent / 2,
    low: (bounds.low + bounds.high) / 2 - extent / 2,
    step,
  }
}

/** Gaussian of a standard deviation in nodes, one direction after the other; what lies beyond the edge counts as nothing. */
function blur(values: Float32Array, side: number, deviation: number): Float32Array {
  const radius = Math.ceil(3 * deviation)
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp(-((k - radius) ** 2) / (2 * deviation ** 2)),
  )
  const sum = kernel.reduce((total, weight) => total + weight, 0)
  const along = (from: Float32Array, stride: number, across: number): Float32Array => {
    const to = new Float32Array(from.length)
    for (let line = 0; line < side; line++)
      for (let i = 0; i < side; i++) {
        const value = from[line * across + i * stride]!
        if (value === 0) continue
        const first = Math.max(0, i - radius)
        const last = Math.min(side - 1, i + radius)
        for (let j = first; j <= last; j++) to[line * across + j * stride]! += (value * kernel[j - i + radius]!) / sum
      }
    return to
  }
  return along(along(values, 1, side), side, 1)
}

/**
 * Heights whose contours hold the given shares of all points, the smallest regions that do so (highest density regions;
 * Hyndman 1996). Falling shares give rising heights.
 */
export function levelsHolding(values: Float32Array, shares: readonly number[]): number[] {
  const sorted = values.toSorted()
  const total = sorted.reduce((sum, value) => sum + value, 0)
  return shares.map((share) => {
    let held = 0
    let i = sorted.length - 1
    while (i > 0 && held < share * total) held += sorted[i--]!
    return (sorted[i]! + sorted[Math.min(sorted.length - 1, i + 1)]!) / 2
  })
}
