import type { Rng } from '#base'
import { createSmoothField, smoothStep } from '../noise.ts'
import type { Surface } from '../surface.ts'
import { drawOutline, visitAround } from './outline.ts'

/** A worn patch: grinding marks rubbed away, dull and grainy, bright bruises where it meets the rim. */
export function addFray(surface: Surface, rng: Rng): void {
  const { tile, width, height, shade, grain, cover } = surface
  const wide = tile.right - tile.left
  const tall = tile.bottom - tile.top
  const atRim = rng.next() < 0.7
  const radiusX = Math.max(16, wide * rng.uniform(0.1, 0.24))
  const radiusY = Math.max(18, tall * rng.uniform(0.14, 0.36))
  const x = rng.uniform(tile.left + 0.7 * radiusX, tile.right - 0.7 * radiusX)
  const low = rng.next() < 0.75
  const y = atRim
    ? low
      ? tile.bottom - 0.75 * radiusY
      : tile.top + 0.75 * radiusY
    : rng.uniform(tile.top + radiusY, tile.bottom - radiusY)
  const outline = drawOutline(rng, { x, y, radiusX, radiusY, roughness: 0.17, harmonics: 6 })
  const ragged = createSmoothField(width, height, 5, 7, rng)
  const worn = createSmoothField(width, height, 2.2, 2.2, rng)
  const patches = createSmoothField(width, height, 18, 22, rng)
  const bruises = createSmoothField(width, height, 2.6, 3.4, rng)
  const level = rng.uniform(0.56, 0.82)
  const rough = rng.uniform(0.025, 0.06)
  const bruised = rng.next() < 0.65 ? rng.uniform(0.4, 1.3) : 0
  // Worn from the rim inwards, a patch is wider there.
  const taper = atRim ? rng.uniform(0.1, 0.4) : 0
  const rimY = low ? tile.bottom : tile.top
  visitAround(surface, { x, y, reachX: 1.8 * radiusX + 5, reachY: 1.8 * radiusY + 5 }, (i, px, py) => {
    const flare = 1 + (low ? 1 : -1) * taper * ((py - y) / radiusY)
    const depth = outline.depthAt(x + (px - x) / Math.max(0.3, flare), py) + 0.9 * ragged[i]!
    const inside = smoothStep(-1.1, 1.1, depth)
    const dull = level * (1 + rough * worn[i]! + 0.05 * patches[i]!)
    const rim = atRim ? Math.exp(-Math.abs(py - rimY) / 9) : 0
    const crumbs = bruised * rim * smoothStep(0.9, 1.6, bruises[i]!) + 0.35 * smoothStep(2.1, 2.9, bruises[i]!)
    const edge = 0.1 * Math.exp(-(((depth - 0.5) / 1.6) ** 2))
    shade[i]! *= 1 - inside + inside * (dull - edge - 0.3 * rim * rim + crumbs)
    grain[i]! *= 1 - 0.68 * inside
    cover[i] = Math.max(cover[i]!, smoothStep(-1.4, 0.2, depth))
  })
}
