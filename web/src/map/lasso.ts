const bands = 256

/**
 * Tells which side of a closed line a place is on, by the even-odd rule. The polygon is x, y after x, y; it is closed by itself and
 * may cross itself. Edges are kept by bands of y, so a line of many corners costs little more for each place than one of few.
 */
export function prepareLasso(polygon: Float32Array): (x: number, y: number) => boolean {
  const corners = polygon.length / 2
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let i = 0; i < corners; i++) {
    left = Math.min(left, polygon[2 * i]!)
    right = Math.max(right, polygon[2 * i]!)
    low = Math.min(low, polygon[2 * i + 1]!)
    high = Math.max(high, polygon[2 * i + 1]!)
  }
  if (corners < 3 || !(high > low)) return () => false
  const bandOf = (y: number): number => Math.min(bands - 1, Math.floor(((y - low) / (high - low)) * bands))
  const edges: number[][] = Array.from({ length: bands }, () => [])
  for (let i = 0; i < corners; i++) {
    const next = (i + 1) % corners
    const y1 = polygon[2 * i + 1]!
    const y2 = polygon[2 * next + 1]!
    if (y1 === y2) continue
    const last = bandOf(Math.max(y1, y2))
    for (let band = bandOf(Math.min(y1, y2)); band <= last; band++)
      edges[band]!.push(polygon[2 * i]!, y1, polygon[2 * next]!, y2)
  }
  const banded = edges.map((list) => Float64Array.from(list))
  return (x, y) => {
    if (!(x >= left && x <= right && y >= low && y <= high)) return false
    const near = banded[bandOf(y)]!
    let inside = false
    for (let k = 0; k < near.length; k += 4) {
      const y1 = near[k + 1]!
      const y2 = near[k + 3]!
      if (y1 > y === y2 > y) continue
      if (x < near[k]! + ((y - y1) / (y2 - y1)) * (near[k + 2]! - near[k]!)) inside = !inside
    }
    return inside
  }
}

/** The accepted points inside a closed line; places and line are x, y after x, y. */
export function pointsInside(
  places: Float32Array,
  polygon: Float32Array,
  accept: (point: number) => boolean,
): Int32Array {
  const isInside = prepareLasso(polygon)
  const found: number[] = []
  for (let i = 0; i < places.length / 2; i++)
    if (isInside(places[2 * i]!, places[2 * i + 1]!) && accept(i)) found.push(i)
  return Int32Array.from(found)
}
