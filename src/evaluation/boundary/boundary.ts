/** Share of the picture's diagonal by which two boundaries may lie apart: 0.75 %, as in the segmentation benchmark of Berkeley. */
const boundaryTolerance = 0.0075

/**
 * F of the boundaries of two masks of a picture (Csurka et al. 2013, "What is a good evaluation measure for semantic segmentation?"):
 * the harmonic mean of the share of predicted boundary pixels within the tolerance of the true boundary, and the other way round.
 * Euclidean distances, px; the tolerance is `boundaryTolerance` of the diagonal and at least one pixel. 0 where one mask alone has
 * a boundary, null where neither has. Masks are row-major, not 0 inside.
 */
export function measureBoundary(
  truth: Uint8Array,
  predicted: Uint8Array,
  widthPx: number,
  heightPx: number,
): number | null {
  const own = findBoundary(truth, widthPx, heightPx)
  const other = findBoundary(predicted, widthPx, heightPx)
  if (own.length === 0 && other.length === 0) return null
  if (own.length === 0 || other.length === 0) return 0
  const tolerancePx = Math.max(1, boundaryTolerance * Math.hypot(widthPx, heightPx))
  const precision = shareNear(other, own, widthPx, heightPx, tolerancePx)
  const recall = shareNear(own, other, widthPx, heightPx, tolerancePx)
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
}

/** Pixels of a mask with one of their four neighbours outside of it; the edge of the picture is no boundary. */
function findBoundary(mask: Uint8Array, widthPx: number, heightPx: number): Int32Array {
  const found: number[] = []
  for (let y = 0, at = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, at++) {
      if (mask[at] === 0) continue
      const isEdge =
        (x > 0 && mask[at - 1] === 0) ||
        (x + 1 < widthPx && mask[at + 1] === 0) ||
        (y > 0 && mask[at - widthPx] === 0) ||
        (y + 1 < heightPx && mask[at + widthPx] === 0)
      if (isEdge) found.push(at)
    }
  return Int32Array.from(found)
}

/** Share of pixels within a distance of others. O(others × tolerance). */
function shareNear(
  pixels: Int32Array,
  others: Int32Array,
  widthPx: number,
  heightPx: number,
  tolerancePx: number,
): number {
  const near = new Uint8Array(widthPx * heightPx)
  const reach = Math.floor(tolerancePx)
  const halves = Array.from({ length: reach + 1 }, (_, dy) => Math.floor(Math.sqrt(tolerancePx ** 2 - dy ** 2)))
  for (const at of others) {
    const [x, y] = [at % widthPx, Math.floor(at / widthPx)]
    for (let dy = -Math.min(reach, y); dy <= reach && y + dy < heightPx; dy++) {
      const half = halves[Math.abs(dy)]!
      const row = (y + dy) * widthPx
      near.fill(1, row + Math.max(0, x - half), row + Math.min(widthPx, x + half + 1))
    }
  }
  let hits = 0
  for (const at of pixels) hits += near[at]!
  return hits / pixels.length
}
