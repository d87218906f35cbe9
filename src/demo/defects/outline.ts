import type { Rng } from '#base'
import type { Surface } from '../surface.ts'

/** A closed irregular outline: an ellipse whose radius wanders with the angle. */
export interface Outline {
  x: number
  y: number
  radiusX: number
  radiusY: number
  /** Px from the outline, positive inside; exact for a circle, close enough elsewhere. */
  depthAt(x: number, y: number): number
}

const steps = 256

/**
 * Draws an outline around (x, y). `roughness` is the share of the radius by which it wanders (0.1 gentle, 0.4 ragged);
 * harmonics fall off as 1/k, so that a rough outline is still one piece.
 */
export function drawOutline(
  rng: Rng,
  shape: { x: number; y: number; radiusX: number; radiusY: number; roughness: number; harmonics: number },
): Outline {
  const { x: cx, y: cy, radiusX, radiusY, roughness, harmonics } = shape
  const waves = Array.from({ length: harmonics }, (_, k) => ({
    k: k + 2,
    height: (roughness * rng.normal()) / (k + 1.4),
    phase: rng.uniform(0, 2 * Math.PI),
  }))
  const radius = Float32Array.from({ length: steps }, (_, i) => {
    const angle = (2 * Math.PI * i) / steps
    return Math.max(0.35, 1 + waves.reduce((sum, wave) => sum + wave.height * Math.cos(wave.k * angle + wave.phase), 0))
  })
  const small = Math.min(radiusX, radiusY)
  const depthAt = (x: number, y: number): number => {
    const u = (x - cx) / radiusX
    const v = (y - cy) / radiusY
    const turn = Math.atan2(v, u) / (2 * Math.PI)
    return (radius[Math.floor((turn + 1) * steps) % steps]! - Math.sqrt(u * u + v * v)) * small
  }
  return { x: cx, y: cy, radiusX, radiusY, depthAt }
}

/** Visits the pixels of a surface in a box around a point, clipped to the plane. */
export function visitAround(
  { width, height }: Surface,
  around: { x: number; y: number; reachX: number; reachY: number },
  visit: (index: number, x: number, y: number) => void,
): void {
  const [left, right] = [
    Math.max(0, Math.floor(around.x - around.reachX)),
    Math.min(width - 1, around.x + around.reachX),
  ]
  const [top, bottom] = [
    Math.max(0, Math.floor(around.y - around.reachY)),
    Math.min(height - 1, around.y + around.reachY),
  ]
  for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) visit(y * width + x, x, y)
}
