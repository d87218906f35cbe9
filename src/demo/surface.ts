import type { Rng } from '#base'
import { createGrain } from './grain.ts'
import { createSmoothField, createSmoothLine, smoothStep } from './noise.ts'

/** Rows and columns around the largest photograph, so that exposures can be taken a little shifted. */
export const marginPx = 8

/**
 * A tile as it lies under the camera, row by row. Light is `shade · (1 + grain)`, about 1 in the middle of a tile;
 * defects change both and say in `cover` (0…1) where they are.
 */
export interface Surface {
  width: number
  height: number
  /** Smooth light: lamp, curvature, edges, stains. */
  shade: Float32Array
  /** Grinding marks, relative to shade. */
  grain: Float32Array
  /** How much of a pixel is defect. */
  cover: Float32Array
  /** Where the tile ends, px from the left and top of this plane. */
  tile: { left: number; right: number; top: number; bottom: number }
  /** Light of what lies around the tile. */
  background: number
}

/**
 * A ground ceramic surface without defects, in the looks of the magnetic-tile pictures of Huang, Qiu, Guo and Yuan,
 * "Surface defect saliency of magnetic tile" (2018): vertical grinding marks, vertical bands of light from the curvature,
 * darker rims, faint stains. Cost O(pixels).
 */
export function createSurface(widthPx: number, heightPx: number, rng: Rng): Surface {
  const width = widthPx + 2 * marginPx
  const height = heightPx + 2 * marginPx
  const inset = (): number => marginPx + (rng.next() < 0.55 ? rng.uniform(1, 7) : rng.uniform(-9, -3))
  const weathered = rng.next() < 0.25
  const surface: Surface = {
    width,
    height,
    shade: createLight(width, height, weathered, rng.fork('light')),
    grain: createGrain(width, height, rng.fork('grain')),
    cover: new Float32Array(width * height),
    tile: {
      left: inset(),
      right: width - inset(),
      top: marginPx + rng.uniform(-7, 2),
      bottom: height - marginPx + rng.uniform(-3, 6),
    },
    background: rng.uniform(0.12, 0.26),
  }
  addStains(surface, weathered, rng.fork('stains'))
  return surface
}

/** Lamp and curvature: bands along the grinding, a slope, clouds, and on some tiles a dark cloud. */
function createLight(width: number, height: number, weathered: boolean, rng: Rng): Float32Array {
  const bandDepth = rng.uniform(0.05, 0.15) + (width > 300 ? rng.uniform(0, 0.12) : 0)
  const bands = createSmoothLine(width, rng.uniform(28, 70), rng)
  const fine = createSmoothLine(width, 9, rng)
  const clouds = createSmoothField(width, height, rng.uniform(60, 130), rng.uniform(70, 150), rng)
  const mottle = createSmoothField(width, height, rng.uniform(6, 9), rng.uniform(8, 15), rng)
  const cloudDepth = rng.uniform(0.07, 0.18)
  const mottleDepth = weathered ? rng.uniform(0.025, 0.038) : 0.018
  const [slopeX, slopeY, bow] = [rng.normal(0, 0.14), rng.normal(0, 0.18), rng.uniform(0, 0.35)]
  const dark = rng.next() < 0.3 ? rng.uniform(0.2, 0.45) : 0
  const [darkX, darkY] = [rng.uniform(0.05, 0.95) * width, rng.uniform(0.1, 0.9) * height]
  const darkSize = rng.uniform(25, 60)
  const out = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    const v = (2 * y) / height - 1
    for (let x = 0; x < width; x++) {
      const u = (2 * x) / width - 1
      const i = y * width + x
      const far = ((x - darkX) ** 2 + ((y - darkY) / 1.5) ** 2) / (2 * darkSize ** 2)
      const log =
        bandDepth * bands[x]! +
        0.024 * fine[x]! +
        cloudDepth * clouds[i]! +
        mottleDepth * Math.exp(0.7 * Math.tanh(clouds[i]!)) * mottle[i]! +
        slopeX * u +
        slopeY * v -
        bow * (u * u - 0.33) -
        dark * Math.exp(-far)
      // Bounded, so that lamp, cloud and slope together do not drown the tile in white or black.
      out[i] = Math.exp(0.62 * Math.tanh(log / 0.62))
    }
  }
  return out
}

/** Faint things that are no defects: specks, hair lines, smudges. */
function addStains({ width, height, shade }: Surface, weathered: boolean, rng: Rng): void {
  const darken = (cx: number, cy: number, radius: number, depth: number): void => {
    const reach = Math.ceil(2.2 * radius)
    for (let y = Math.max(0, Math.round(cy) - reach); y <= Math.min(height - 1, Math.round(cy) + reach); y++) {
      for (let x = Math.max(0, Math.round(cx) - reach); x <= Math.min(width - 1, Math.round(cx) + reach); x++) {
        const d = ((x - cx) ** 2 + (y - cy) ** 2) / (radius * radius)
        shade[y * width + x]! *= 1 - depth * Math.exp(-d)
      }
    }
  }
  const specks = rng.integer(0, Math.round((width * height) / (weathered ? 900 : 3500)))
  for (let i = 0; i < specks; i++) {
    darken(rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.6, 1.5), rng.uniform(0.05, 0.28))
  }
  const strokes = rng.next() < 0.75 ? rng.integer(1, 9) : 0
  for (let i = 0; i < strokes; i++) {
    let [x, y, heading] = [rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, Math.PI)]
    const depth = rng.uniform(0.04, 0.2)
    const radius = rng.uniform(0.7, 1.6)
    const bend = rng.normal(0, 0.03)
    for (let step = rng.integer(8, 50); step > 0; step--) {
      darken(x, y, radius, depth * rng.uniform(0.2, 1))
      heading += bend + rng.normal(0, 0.12)
      x += Math.cos(heading) * 1.3
      y += Math.sin(heading) * 1.3
    }
  }
  const smudges = rng.integer(0, 6)
  for (let i = 0; i < smudges; i++) {
    darken(rng.uniform(0, width), rng.uniform(0, height), rng.uniform(3, 14), rng.uniform(0.04, 0.16))
  }
}

/** The picture of a surface: light with the tile's rims and the background around it. Cost O(pixels). */
export function lightOf({ width, height, shade, grain, tile, background }: Surface, rng: Rng): Float32Array {
  const slant = rng.normal(0, 0.008)
  const bowPx = rng.next() < 0.35 ? rng.uniform(1, 7) : 0
  const strips = [drawStrip(height, rng), drawStrip(height, rng)] as const
  const jitter = [0, 1, 2, 3].map(() => createSmoothLine(Math.max(width, height), rng.uniform(9, 40), rng))
  const backdrop = createSmoothField(width, height, 14, 14, rng)
  const out = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    const shift = slant * (y - height / 2)
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const u = (2 * x) / width - 1
      const fromLeft = x - tile.left - shift + 0.3 * jitter[0]![y]!
      const fromRight = tile.right - shift - x + 0.3 * jitter[1]![y]!
      const fromTop = y - tile.top - bowPx * u * u * 0.6 + 0.3 * jitter[2]![x]!
      const fromBottom = tile.bottom - y - bowPx * u * u + 0.3 * jitter[3]![x]!
      const inside = Math.min(
        fromLeft,
        fromRight,
        fromTop,
        fromBottom,
        Math.min(fromLeft, fromRight) + Math.min(fromTop, fromBottom) - 3,
      )
      const rim =
        1 -
        0.45 * Math.exp(-Math.max(0, Math.min(fromLeft, fromRight)) / 3.2) -
        0.25 * Math.exp(-Math.max(0, Math.min(fromTop, fromBottom)) / 1.8)
      const strip = stripAt(strips[0], fromLeft, y) + stripAt(strips[1], fromRight, y)
      const lit = shade[i]! * Math.max(0.04, 1 + grain[i]! * (1 + 0.8 * strip)) * (1 + strip) * rim
      const tileShare = smoothStep(-1.2, 1.4, inside)
      out[i] = tileShare * lit + (1 - tileShare) * background * (1 + 0.15 * backdrop[i]!)
    }
  }
  return out
}

interface Strip {
  /** Row by row. */
  gain: Float32Array
  start: number
  end: number
}

/** The chamfer along a side: a strip that catches more light or less. */
function drawStrip(height: number, rng: Rng): Strip {
  const start = rng.uniform(1, 6)
  const mean = rng.next() < 0.5 ? rng.uniform(0.1, 0.55) : rng.uniform(-0.12, 0.05)
  const gain = createSmoothLine(height, 60, rng).map((wave) => mean * (1 + 0.45 * wave))
  return { gain, start, end: start + rng.uniform(4, 16) }
}

function stripAt({ gain, start, end }: Strip, from: number, y: number): number {
  return gain[y]! * smoothStep(start - 1.5, start + 1.5, from) * (1 - smoothStep(end - 2, end + 2, from))
}
