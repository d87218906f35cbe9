import type { Rng } from '#base'
import { createNormalSource, createSmoothField, createSmoothLine } from './noise.ts'

/**
 * Grinding marks along y, relative to the light they lie in. Their scales were set by the autocorrelation of 60 pictures of
 * the magnetic-tile set after taking off a 13 × 13 px mean: .71 at 1 px along the marks, .50 at 4, .42 at 16; .19 at 1 px
 * across them; deviation .076 of the mean, skewed to the bright side by .85.
 */
export function createGrain(width: number, height: number, rng: Rng): Float32Array {
  const normal = createNormalSource(rng)
  const strength = 0.067 * Math.exp(rng.normal(0, 0.2))
  const zones = createSmoothField(width, height, 70, 90, rng)
  const tooth = createSmoothLine(width, 25, rng)
  const long = Float32Array.from({ length: width }, normal)
  const mid = Float32Array.from({ length: width }, normal)
  const fine = new Float32Array(width)
  const columns = Float32Array.from({ length: width }, (_, x) => Math.exp(0.35 * normal() + 0.25 * tooth[x]!))
  const glints = drawGlints(width, rng)
  const [keepLong, keepMid, keepFine] = [Math.exp(-1 / 160), Math.exp(-1 / 7), 0.3]
  const [newLong, newMid, newFine] = [keepLong, keepMid, keepFine].map((keep) => Math.sqrt(1 - keep * keep)) as [
    number,
    number,
    number,
  ]
  const row = new Float32Array(width)
  const out = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      long[x] = keepLong * long[x]! + newLong * normal()
      mid[x] = keepMid * mid[x]! + newMid * normal()
      fine[x] = keepFine * fine[x]! + newFine * normal()
      const zone = Math.exp(0.34 * zones[y * width + x]!)
      const marks = columns[x]! * (0.52 * long[x]! + 0.34 * mid[x]!) + 0.64 * fine[x]!
      const glint = glints[x]!
      const flash = glint === 0 ? 0 : glint * Math.max(0, 0.8 + 0.8 * long[x]! + 0.45 * mid[x]! + 0.25 * fine[x]!)
      row[x] = zone * (marks + flash)
    }
    for (let x = 0; x < width; x++) {
      const beside = row[Math.max(0, x - 1)]! + row[Math.min(width - 1, x + 1)]!
      out[y * width + x] = strength * (0.84 * row[x]! + 0.1 * beside)
    }
  }
  return out
}

/** Few columns hold a ridge that mirrors the lamp, now and then two or three side by side. */
function drawGlints(width: number, rng: Rng): Float32Array {
  const out = new Float32Array(width)
  const clusters = createSmoothLine(width, 30, rng)
  for (let x = 0; x < width; x++) {
    const chance = 0.035 * Math.exp(0.9 * clusters[x]!)
    if (rng.next() >= chance) continue
    const height = 0.8 - 1.1 * Math.log(1 - rng.next())
    out[x] = Math.min(5, height)
    if (x > 0 && rng.next() < 0.35) out[x - 1] = Math.max(out[x - 1]!, 0.6 * out[x]!)
  }
  return out
}
