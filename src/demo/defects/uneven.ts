import type { Rng } from '#base'
import { createSmoothField, createSmoothLine, smoothStep } from '../noise.ts'
import type { Surface } from '../surface.ts'
import { drawOutline } from './outline.ts'

/** Unevenly ground: beyond a line across the tile, or in a broad patch, the light and the depth of the marks are others. */
export function addUneven(surface: Surface, rng: Rng): void {
  const { width, height, shade, grain, cover } = surface
  const band = rng.next() < 0.65
  const depthAt = band ? drawBand(surface, rng) : drawPatch(surface, rng)
  const bright = rng.next() < 0.65
  const level = bright ? rng.uniform(1.22, 1.5) : rng.uniform(0.6, 0.8)
  const marks = bright ? rng.uniform(1.2, 1.9) : rng.uniform(0.45, 0.8)
  const softness = band ? rng.uniform(1, 3.5) : rng.uniform(3, 14)
  const seam = band && rng.next() < 0.5 ? rng.uniform(0.05, 0.14) : 0
  const drift = createSmoothField(width, height, 50, 60, rng)
  const ragged = createSmoothField(width, height, 4, 50, rng)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const depth = depthAt(x, y) + (band ? 1 : 0.5) * ragged[i]!
      const inside = smoothStep(-softness, softness, depth)
      const line = seam * Math.exp(-((depth / 1.5) ** 2))
      shade[i]! *= (1 + inside * (level - 1) * (1 + 0.16 * drift[i]!)) * (1 - line)
      grain[i]! *= 1 + inside * (marks - 1)
      cover[i] = smoothStep(-1.5, 1.5, depth)
    }
  }
}

/** Everything above or below a slightly slanted, wavy line. */
function drawBand({ width, height, tile }: Surface, rng: Rng): (x: number, y: number) => number {
  const below = rng.next() < 0.5
  const at = tile.top + (tile.bottom - tile.top) * (below ? rng.uniform(0.5, 0.82) : rng.uniform(0.18, 0.5))
  const slant = rng.normal(0, 0.07)
  const waves = createSmoothLine(width, rng.uniform(25, 60), rng)
  const waveHeight = rng.uniform(0.4, 3) * Math.min(1, height / 250)
  return (x, y) => {
    const line = at + slant * (x - width / 2) + waveHeight * waves[x]!
    return below ? y - line : line - y
  }
}

function drawPatch({ tile }: Surface, rng: Rng): (x: number, y: number) => number {
  const wide = tile.right - tile.left
  const tall = tile.bottom - tile.top
  return drawOutline(rng, {
    x: tile.left + wide * rng.uniform(0.25, 0.75),
    y: tile.top + tall * rng.pick([rng.uniform(0.05, 0.3), rng.uniform(0.7, 0.95)]),
    radiusX: wide * rng.uniform(0.2, 0.4),
    radiusY: tall * rng.uniform(0.14, 0.28),
    roughness: 0.12,
    harmonics: 5,
  }).depthAt
}
