interface Corners {
  x1: number
  y1: number
  x2: number
  y2: number
}

/** Intersection over union of two boxes, 0 to 1. */
export function intersectBoxes(a: Corners, b: Corners): number {
  const w = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)
  const h = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1)
  if (w < 0 || h < 0) return 0
  const both = w * h
  const either = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - both
  return both / Math.max(1e-6, either)
}
