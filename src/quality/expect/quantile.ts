/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, as numpy does). `p`: 0 to 1; of at least one value. */
export function quantileOf(values: readonly number[], p: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = (sorted.length - 1) * p
  const low = sorted[Math.floor(at)]!
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at))
}
