import type { Box } from '#contract'

export function boxArea(box: Box): number {
  return box.w * box.h
}

/** The part of a box inside the image, or null when nothing of it is. */
export function clipBox(box: Box, width: number, height: number): Box | null {
  const x = Math.max(0, box.x)
  const y = Math.max(0, box.y)
  const right = Math.min(width, box.x + box.w)
  const bottom = Math.min(height, box.y + box.h)
  return right > x && bottom > y ? { x, y, w: right - x, h: bottom - y } : null
}

/** Smallest box around flat coordinates `[x1, y1, …]`; null for none. */
export function boundsOfPoints(coordinates: Iterable<readonly number[]>): Box | null {
  let left = Infinity
  let top = Infinity
  let right = -Infinity
  let bottom = -Infinity
  for (const flat of coordinates) {
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const x = flat[i]!
      const y = flat[i + 1]!
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      if (y > bottom) bottom = y
    }
  }
  return right >= left ? { x: left, y: top, w: right - left, h: bottom - top } : null
}

export function boundsOfBoxes(boxes: readonly Box[]): Box | null {
  return boundsOfPoints(boxes.map((b) => [b.x, b.y, b.x + b.w, b.y + b.h]))
}

/** Jaccard index of two boxes, 0..1. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y)
  if (w <= 0 || h <= 0) return 0
  const shared = w * h
  return shared / (boxArea(a) + boxArea(b) - shared)
}
