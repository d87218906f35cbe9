/**
 * Connected parts of a mask, neighbours over corners too (as the reference code of MVTec AD labels them): for each pixel the number of
 * its region from 1 on, 0 outside, and how many regions there are.
 */
export function labelRegions(mask: Uint8Array, widthPx: number): { labels: Int32Array; count: number } {
  const labels = new Int32Array(mask.length)
  const heightPx = mask.length / widthPx
  const open: number[] = []
  let count = 0
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || labels[start] !== 0) continue
    labels[start] = ++count
    open.push(start)
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const x = at % widthPx
      const y = (at - x) / widthPx
      for (let v = Math.max(0, y - 1); v <= Math.min(heightPx - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(widthPx - 1, x + 1); u++) {
          const next = v * widthPx + u
          if (mask[next] === 0 || labels[next] !== 0) continue
          labels[next] = count
          open.push(next)
        }
    }
  }
  return { labels, count }
}
