import type { Rng } from '#base'
import { blurInPlace, createNormalSource } from './noise.ts'
import { marginPx, type Surface } from './surface.ts'

export interface Shot {
  /** Brightness of the middle of a tile in the picture, 0…1 before clipping. */
  level: number
  /** Exponent of the tone curve; 1 is straight, less lifts the shadows. */
  gamma: number
  /** Deviation of the sensor's noise at full light, in grey levels of 255. */
  noise: number
  /** Deviation of a Gaussian defocus, px; 0: in focus. */
  blurPx: number
}

export interface Photo {
  width: number
  height: number
  /** Grey, 0…255, row by row. */
  pixels: Uint8Array
  /** 0 or 255, row by row. */
  mask: Uint8Array
}

/** Takes one exposure: a slightly shifted and cropped part of the surface, through tone curve and noise. Cost O(pixels). */
export function takePhoto(surface: Surface, light: Float32Array, shot: Shot, rng: Rng): Photo {
  const spare = 2 * marginPx
  const left = rng.integer(marginPx - 3, marginPx + 3)
  const top = rng.integer(marginPx - 3, marginPx + 3)
  const width = surface.width - spare - rng.integer(0, 3)
  const height = surface.height - spare - rng.integer(0, 3)
  const cut = new Float32Array(width * height)
  const mask = new Uint8Array(width * height)
  // The hand that draws a mask is not equally generous each time.
  const threshold = rng.uniform(0.25, 0.6)
  for (let y = 0; y < height; y++) {
    const from = (y + top) * surface.width + left
    for (let x = 0; x < width; x++) {
      cut[y * width + x] = light[from + x]!
      mask[y * width + x] = surface.cover[from + x]! > threshold ? 255 : 0
    }
  }
  if (shot.blurPx > 0) blurInPlace(cut, width, height, shot.blurPx)
  return { width, height, pixels: develop(cut, shot, rng), mask }
}

const curveSteps = 2048
const brightest = 4

function develop(light: Float32Array, { level, gamma, noise }: Shot, rng: Rng): Uint8Array {
  const curve = Float32Array.from(
    { length: curveSteps },
    (_, i) => 255 * level * ((i * brightest) / curveSteps) ** gamma,
  )
  const normal = createNormalSource(rng)
  const pixels = new Uint8Array(light.length)
  for (let i = 0; i < light.length; i++) {
    const at = Math.min(curveSteps - 1, (light[i]! * (curveSteps / brightest)) | 0)
    const clean = curve[at]!
    // Shot noise grows with the root of the light; a floor is read noise.
    const value = clean + normal() * noise * Math.sqrt(0.15 + clean / 255) + 0.5
    pixels[i] = value < 0 ? 0 : value > 255 ? 255 : value
  }
  return pixels
}
