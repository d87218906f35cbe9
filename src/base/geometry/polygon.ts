import type { Box, PolygonGeometry } from '#contract'
import { boundsOfPoints } from './box.ts'

/** Unsigned area of a closed ring of flat coordinates (shoelace formula), px². */
export function ringArea(ring: readonly number[]): number {
  let twice = 0
  const n = ring.length
  for (let i = 0; i + 1 < n; i += 2) {
    const j = (i + 2) % n
    twice += ring[i]! * ring[j + 1]! - ring[j]! * ring[i + 1]!
  }
  return Math.abs(twice) / 2
}

/** Outlines minus holes, px². Parts are taken as disjoint. */
export function polygonArea(polygon: PolygonGeometry): number {
  let area = 0
  for (const part of polygon.parts) part.forEach((ring, i) => (area += i === 0 ? ringArea(ring) : -ringArea(ring)))
  return Math.max(0, area)
}

export function polygonBounds(polygon: PolygonGeometry): Box | null {
  return boundsOfPoints(polygon.parts.flat())
}

/**
 * Row-major pixels whose centres lie inside the polygon (even-odd within a part, parts united), 1 = inside.
 * Cost O(height × vertices + covered pixels).
 */
export function rasterizePolygon(polygon: PolygonGeometry, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height)
  for (const rings of polygon.parts) fillPart(rings, pixels, width, height)
  return pixels
}

function fillPart(rings: readonly (readonly number[])[], pixels: Uint8Array, width: number, height: number): void {
  const bounds = boundsOfPoints(rings)
  if (!bounds) return
  const firstRow = Math.max(0, Math.floor(bounds.y))
  const lastRow = Math.min(height - 1, Math.ceil(bounds.y + bounds.h))
  for (let row = firstRow; row <= lastRow; row++) {
    const crossings = crossingsAt(rings, row + 0.5)
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i]! - 0.5))
      const to = Math.min(width, Math.ceil(crossings[i + 1]! - 0.5))
      if (to > from) pixels.fill(1, row * width + from, row * width + to)
    }
  }
}

function crossingsAt(rings: readonly (readonly number[])[], y: number): number[] {
  const xs: number[] = []
  for (const ring of rings) {
    const n = ring.length
    for (let i = 0; i + 1 < n; i += 2) {
      const j = (i + 2) % n
      const y1 = ring[i + 1]!
      const y2 = ring[j + 1]!
      if (y1 <= y !== y2 <= y) xs.push(ring[i]! + ((y - y1) / (y2 - y1)) * (ring[j]! - ring[i]!))
    }
  }
  return xs.sort((a, b) => a - b)
}
