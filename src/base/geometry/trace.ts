import type { PolygonGeometry } from '#contract'
import { ringArea } from './polygon.ts'

/**
 * Outlines of the foreground as polygons along pixel edges, so that rasterising them gives the same pixels back.
 * Foreground is 4-connected: pixels that touch at a corner only become separate parts.
 *
 * Each boundary edge is walked with the foreground on its right hand; rings that turn clockwise (in image
 * coordinates) are outlines, the others are holes of the smallest outline around them.
 */
export function traceMask(pixels: Uint8Array, width: number, height: number): PolygonGeometry {
  const outer: number[][] = []
  const holes: number[][] = []
  for (const ring of boundaryRings(pixels, width, height)) (signedArea(ring) > 0 ? outer : holes).push(ring)
  const parts = outer.map((ring) => [ring])
  const byArea = parts.map((part) => ({ part, area: ringArea(part[0]!) })).sort((a, b) => a.area - b.area)
  for (const hole of holes) {
    // A hole's corner nudged into the hole's surrounding foreground pixel decides whose hole it is.
    const inside = foregroundBeside(hole)
    byArea.find(({ part }) => contains(part[0]!, inside[0], inside[1]))?.part.push(hole)
  }
  return { type: 'polygon', parts }
}

const stepX = [1, 0, -1, 0]
const stepY = [0, 1, 0, -1]

/** Directions: 0 right, 1 down, 2 left, 3 up; the edge leaves grid corner (x, y) that way with foreground to its right. */
function* boundaryRings(pixels: Uint8Array, width: number, height: number): Generator<number[]> {
  const at = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x] !== 0
  const edge = (x: number, y: number, direction: number): boolean => {
    if (direction === 0) return at(x, y) && !at(x, y - 1)
    if (direction === 1) return at(x - 1, y) && !at(x, y)
    if (direction === 2) return at(x - 1, y - 1) && !at(x - 1, y)
    return at(x, y - 1) && !at(x - 1, y - 1)
  }
  const stride = width + 1
  const seen = new Uint8Array(stride * (height + 1))
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x < width; x++) {
      // Every ring has a rightward edge (top of foreground) or consists of holes' leftward edges; both start here.
      for (const start of [0, 2]) {
        const startX = start === 0 ? x : x + 1
        if (!edge(startX, y, start) || seen[y * stride + startX]! & (1 << start)) continue
        const ring: number[] = []
        let cx = startX
        let cy = y
        let direction = start
        do {
          seen[cy * stride + cx]! |= 1 << direction
          cx += stepX[direction]!
          cy += stepY[direction]!
          // Turning right first keeps foreground 4-connected at corners where two pixels touch.
          const next = [(direction + 1) % 4, direction, (direction + 3) % 4].find((d) => edge(cx, cy, d))!
          if (next !== direction) ring.push(cx, cy)
          direction = next
        } while (cx !== startX || cy !== y || direction !== start)
        yield ring
      }
    }
  }
}

/** Positive when the ring turns clockwise on screen (y down). */
function signedArea(ring: readonly number[]): number {
  let twice = 0
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length
    twice += ring[i]! * ring[j + 1]! - ring[j]! * ring[i + 1]!
  }
  return twice / 2
}

/** Centre of a foreground pixel that touches the first edge of a hole ring (foreground lies to its right). */
function foregroundBeside(ring: readonly number[]): [number, number] {
  const dx = Math.sign(ring[2]! - ring[0]!)
  const dy = Math.sign(ring[3]! - ring[1]!)
  return [ring[0]! + dx * 0.5 - dy * 0.5, ring[1]! + dy * 0.5 + dx * 0.5]
}

function contains(ring: readonly number[], x: number, y: number): boolean {
  let inside = false
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length
    const y1 = ring[i + 1]!
    const y2 = ring[j + 1]!
    if (y1 <= y !== y2 <= y && x < ring[i]! + ((y - y1) / (y2 - y1)) * (ring[j]! - ring[i]!)) inside = !inside
  }
  return inside
}
