import type { Rng } from '#base'
import { createSmoothField, smoothStep } from '../noise.ts'
import type { Surface } from '../surface.ts'
import { drawOutline, visitAround } from './outline.ts'

/** Small dark pits, round or drawn out, with a shadow on one side and now and then a bright lip on the other. */
export function addBlowholes(surface: Surface, rng: Rng): void {
  const { tile } = surface
  const pits = rng.next() < 0.7 ? 1 : rng.integer(2, 3)
  const spread = rng.uniform(10, 45)
  const centre = {
    x: rng.uniform(tile.left + 20, tile.right - 20),
    y: rng.uniform(tile.top + 20, tile.bottom - 20),
  }
  for (let i = 0; i < pits; i++) {
    const x = i === 0 ? centre.x : clamp(centre.x + rng.normal(0, spread), tile.left + 10, tile.right - 10)
    const y = i === 0 ? centre.y : clamp(centre.y + rng.normal(0, spread), tile.top + 10, tile.bottom - 10)
    addPit(surface, x, y, rng)
  }
}

function addPit(surface: Surface, x: number, y: number, rng: Rng): void {
  const { shade, grain, cover, width, height } = surface
  const radius = rng.uniform(3, 7.5)
  const drawnOut = rng.next() < 0.35 ? rng.uniform(1.3, 2) : rng.uniform(0.9, 1.2)
  const [radiusX, radiusY] = rng.next() < 0.5 ? [radius * drawnOut, radius] : [radius, radius * drawnOut]
  const outline = drawOutline(rng, { x, y, radiusX, radiusY, roughness: 0.16, harmonics: 6 })
  const dark = rng.uniform(0.42, 0.72)
  const lip = rng.next() < 0.5 ? rng.uniform(0.06, 0.25) : 0
  const light = rng.uniform(0, 2 * Math.PI)
  const floor = createSmoothField(width, height, 3, 3, rng)
  const softness = rng.uniform(0.7, 1.4)
  visitAround(surface, { x, y, reachX: radiusX * 1.8 + 4, reachY: radiusY * 1.8 + 4 }, (i, px, py) => {
    const depth = outline.depthAt(px, py)
    const inside = smoothStep(-softness, softness, depth)
    const side = Math.cos(Math.atan2(py - y, px - x) - light)
    const bottom = 1 - dark * (0.85 + 0.15 * side) + 0.05 * floor[i]!
    const rim = lip * Math.max(0, side) * Math.exp(-(((depth + 1.4) / 1.1) ** 2))
    shade[i]! *= (1 - inside + inside * bottom) * (1 + rim)
    grain[i]! *= 1 - 0.75 * inside
    cover[i] = Math.max(cover[i]!, smoothStep(-1.5, 0.2, depth))
  })
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
