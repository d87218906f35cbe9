/** From so many sides, only those whose ranges of x meet are compared. */
const sweepFrom = 16

/**
 * Whether a ring of flat coordinates has fewer than three points, or two sides without a common end that meet, or two neighbours that lie
 * on each other. Points that repeat the one before count once; the ring is closed. O(n log n) and the pairs that overlap in x.
 */
export function crossesItself(ring: readonly number[]): boolean {
  const points = dropRepeats(ring)
  const n = points.length / 2
  if (n < 3) return true
  const px = (i: number): number => points[2 * (i % n)]!
  const py = (i: number): number => points[2 * (i % n) + 1]!
  for (let i = 0; i < n; i++) if (foldsBack(px(i), py(i), px(i + 1), py(i + 1), px(i + 2), py(i + 2))) return true
  const meet = (i: number, j: number): boolean => {
    if ((i + 1) % n === j || (j + 1) % n === i) return false
    return segmentsMeet(px(i), py(i), px(i + 1), py(i + 1), px(j), py(j), px(j + 1), py(j + 1))
  }
  if (n < sweepFrom) {
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) if (meet(i, j)) return true
    return false
  }
  const left = Float64Array.from({ length: n }, (_, i) => Math.min(px(i), px(i + 1)))
  const right = Float64Array.from({ length: n }, (_, i) => Math.max(px(i), px(i + 1)))
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => left[a]! - left[b]!)
  let active: number[] = []
  for (const side of order) {
    active = active.filter((other) => right[other]! >= left[side]!)
    for (const other of active) if (meet(side, other)) return true
    active.push(side)
  }
  return false
}

function dropRepeats(ring: readonly number[]): number[] {
  const points: number[] = []
  for (let i = 0; i + 1 < ring.length; i += 2) {
    if (points.length > 0 && ring[i] === points.at(-2) && ring[i + 1] === points.at(-1)) continue
    points.push(ring[i]!, ring[i + 1]!)
  }
  while (points.length > 2 && points[0] === points.at(-2) && points[1] === points.at(-1)) points.splice(-2)
  return points
}

/** Twice the signed surface of a triangle. */
const turn = (ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number =>
  (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)

/** Whether the way from a over b to c goes back on itself. */
function foldsBack(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): boolean {
  return turn(ax, ay, bx, by, cx, cy) === 0 && (ax - bx) * (cx - bx) + (ay - by) * (cy - by) > 0
}

function segmentsMeet(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  dx: number,
  dy: number,
): boolean {
  const d1 = turn(cx, cy, dx, dy, ax, ay)
  const d2 = turn(cx, cy, dx, dy, bx, by)
  const d3 = turn(ax, ay, bx, by, cx, cy)
  const d4 = turn(ax, ay, bx, by, dx, dy)
  if (d1 > 0 !== d2 > 0 && d3 > 0 !== d4 > 0 && d1 !== 0 && d2 !== 0 && d3 !== 0 && d4 !== 0) return true
  const within = (px: number, py: number, qx: number, qy: number, rx: number, ry: number): boolean =>
    Math.min(px, qx) <= rx && rx <= Math.max(px, qx) && Math.min(py, qy) <= ry && ry <= Math.max(py, qy)
  return (
    (d1 === 0 && within(cx, cy, dx, dy, ax, ay)) ||
    (d2 === 0 && within(cx, cy, dx, dy, bx, by)) ||
    (d3 === 0 && within(ax, ay, bx, by, cx, cy)) ||
    (d4 === 0 && within(ax, ay, bx, by, dx, dy))
  )
}
