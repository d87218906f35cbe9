import type { Rng } from '#base'
import { createSmoothField, smoothStep } from '../noise.ts'
import type { Surface } from '../surface.ts'
import { drawOutline, visitAround, type Outline } from './outline.ts'

/** A piece broken off at a rim: a shell with facets instead of grinding marks, a dark edge and a bright one. */
export function addBreak(surface: Surface, rng: Rng): void {
  const { tile } = surface
  const small = Math.min(tile.right - tile.left, tile.bottom - tile.top)
  const along = Math.max(13, small * rng.uniform(0.1, 0.2))
  const inward = Math.max(10, small * rng.uniform(0.07, 0.14))
  const atCorner = rng.next() < 0.35
  const onSide = !atCorner && rng.next() < 0.35
  const x = atCorner
    ? rng.pick([tile.left + 4, tile.right - 4])
    : onSide
      ? rng.pick([tile.left + 2, tile.right - 2])
      : rng.uniform(tile.left + along, tile.right - along)
  const y = onSide ? rng.uniform(tile.top + along, tile.bottom - along) : rng.pick([tile.top + 1, tile.bottom - 1])
  const [radiusX, radiusY] = onSide ? [inward, along * rng.uniform(1, 1.8)] : [along, inward]
  chip(surface, drawOutline(rng, { x, y, radiusX, radiusY, roughness: 0.17, harmonics: 9 }), rng)
}

function chip(surface: Surface, outline: Outline, rng: Rng): void {
  const { width, height, shade, grain, cover } = surface
  const { x, y, radiusX, radiusY } = outline
  const facets = drawFacets(outline, rng)
  const ragged = createSmoothField(width, height, 3.5, 3.5, rng)
  const gritty = createSmoothField(width, height, 1.6, 1.6, rng)
  const light = rng.uniform(0, 2 * Math.PI)
  const [edgeDark, edgeBright] = [rng.uniform(0.3, 0.6), rng.uniform(0.15, 0.55)]
  const level = rng.next() < 0.75 ? rng.uniform(0.5, 0.86) : rng.uniform(1.2, 1.45)
  visitAround(surface, { x, y, reachX: 1.7 * radiusX + 5, reachY: 1.7 * radiusY + 5 }, (i, px, py) => {
    const depth = outline.depthAt(px, py) + 0.9 * ragged[i]!
    const inside = smoothStep(-0.7, 0.7, depth)
    const side = Math.cos(Math.atan2((py - y) / radiusY, (px - x) / radiusX) - light)
    const edge = Math.exp(-(((depth - 0.6) / 1.2) ** 2))
    const shell = level * facets(px, py) * (1 + 0.07 * gritty[i]!)
    shade[i]! *=
      (1 - inside + inside * shell) *
      (1 - edge * Math.max(0, side + 0.45) * edgeDark) *
      (1 + edge * Math.max(0, -side - 0.25) * edgeBright)
    grain[i]! *= 1 - 0.88 * inside
    cover[i] = Math.max(cover[i]!, smoothStep(-1.2, 0.2, depth))
  })
}

/** Flat pieces of brightness: each pixel takes that of the nearest of a few points, with a little of the slope between them. */
function drawFacets({ x, y, radiusX, radiusY }: Outline, rng: Rng): (px: number, py: number) => number {
  const points = Array.from({ length: rng.integer(3, 7) }, () => ({
    x: x + rng.normal(0, 0.6 * radiusX),
    y: y + rng.normal(0, 0.6 * radiusY),
    level: rng.uniform(0.72, 1.25),
    slopeX: rng.normal(0, 0.008),
    slopeY: rng.normal(0, 0.008),
  }))
  return (px, py) => {
    let best = Number.POSITIVE_INFINITY
    let value = 1
    for (const point of points) {
      const [dx, dy] = [px - point.x, py - point.y]
      const distance = dx * dx + dy * dy
      if (distance >= best) continue
      best = distance
      value = point.level + point.slopeX * dx + point.slopeY * dy
    }
    return value
  }
}
