import { lanczos, resizePlane } from './resample.ts'
import type { GrayPlane } from './statistics.ts'

const side = 32
const kept = 8

/** Row f holds cos(π f (2 x + 1) / 64): the type-II transform of 32 values, lowest eight frequencies (scipy.fft.dct, up to a factor). */
const cosines = Float64Array.from({ length: kept * side }, (_, i) =>
  Math.cos((Math.PI * Math.floor(i / side) * (2 * (i % side) + 1)) / (2 * side)),
)

/**
 * Perceptual hash: 32 × 32 grey (Lanczos), cosine transform, the 8 × 8 lowest frequencies against their median, row by row,
 * most significant bit first; 16 hex digits. The same as imagehash.phash (ImageHash 4.3.2), but that rounding noise counts as 0:
 * frequencies a picture does not have must not hash by chance.
 */
export function hashPicture(gray: GrayPlane): string {
  const { data } = resizePlane(gray, [side, side], lanczos)
  // Along each row first, then down the columns of what is left.
  const rows = new Float64Array(side * kept)
  for (let y = 0; y < side; y++) {
    for (let f = 0; f < kept; f++) {
      let sum = 0
      for (let x = 0; x < side; x++) sum += data[y * side + x]! * cosines[f * side + x]!
      rows[y * kept + f] = sum
    }
  }
  const low = new Float64Array(kept * kept)
  for (let v = 0; v < kept; v++) {
    for (let f = 0; f < kept; f++) {
      let sum = 0
      for (let y = 0; y < side; y++) sum += rows[y * kept + f]! * cosines[v * side + y]!
      // Sums of up to 1024 terms of 255 are exact to about 1e-9.
      low[v * kept + f] = Math.abs(sum) < 1e-6 ? 0 : sum
    }
  }
  const sorted = low.toSorted()
  const median = (sorted[31]! + sorted[32]!) / 2
  let hash = ''
  for (let i = 0; i < 64; i += 4) {
    let digit = 0
    for (let k = 0; k < 4; k++) digit = digit * 2 + (low[i + k]! > median ? 1 : 0)
    hash += digit.toString(16)
  }
  return hash
}
