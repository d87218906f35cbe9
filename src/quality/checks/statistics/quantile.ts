/** Quantile of ascending numbers with linear interpolation (numpy's default). NaN for none. */
export function quantileOf(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const at = (sorted.length - 1) * share
  const low = Math.floor(at)
  const above = sorted[Math.min(sorted.length - 1, low + 1)]!
  return sorted[low]! + (above - sorted[low]!) * (at - low)
}
