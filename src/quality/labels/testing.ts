import type { Probabilities } from './probabilities.ts'

/** A number from −1 to 1 by integer arithmetic alone, so that other languages make the same. */
function deviate(stream: number, index: number): number {
  return scramble(scramble(stream) + index) / 2147483648 - 1
}

function scramble(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

export interface NoisyProblem {
  rows: number
  classes: number
  /** Streams of numbers start here. */
  seed: number
  /** Share of labels that are wrong. */
  noise: number
  /** The higher, the surer the made model is of the true class. */
  sureness: number
}

/** Made labels, some wrong, and the probabilities of a made model. scripts/golden/labels.py makes the same. */
export function makeNoisy({ rows, classes, seed, noise, sureness }: NoisyProblem): {
  probabilities: Probabilities
  given: Int32Array
  truth: Int32Array
} {
  const data = new Float64Array(rows * classes)
  const truth = new Int32Array(rows)
  const given = new Int32Array(rows)
  for (let r = 0; r < rows; r++) {
    // Classes have unequal shares: the square draws towards the first.
    const u = (deviate(seed, r) + 1) / 2
    truth[r] = Math.min(classes - 1, Math.floor(u * u * classes))
    const isWrong = (deviate(seed + 1, r) + 1) / 2 < noise
    const step = 1 + Math.min(classes - 2, Math.floor(((deviate(seed + 2, r) + 1) / 2) * (classes - 1)))
    given[r] = isWrong ? (truth[r]! + step) % classes : truth[r]!
    let sum = 0
    for (let c = 0; c < classes; c++) {
      const at = r * classes + c
      const x = (deviate(seed + 3, at) + 1) / 2 + (c === truth[r] ? sureness * ((deviate(seed + 4, r) + 1) / 2) : 0)
      data[at] = x * x * x * x
      sum += data[at]
    }
    for (let at = r * classes; at < (r + 1) * classes; at++) data[at]! /= sum
  }
  return { probabilities: { rows, columns: classes, data }, given, truth }
}

/** Probabilities of a made model beside made votes, as scripts/golden/labels.py has them. */
export function makeModelOfVotes({
  samples,
  classes,
  seed,
}: {
  samples: number
  classes: number
  seed: number
}): Probabilities {
  const data = new Float64Array(samples * classes)
  for (let s = 0; s < samples; s++) {
    const truth = Math.floor(((deviate(seed, s) + 1) / 2) * classes)
    let sum = 0
    for (let k = 0; k < classes; k++) {
      const at = s * classes + k
      const x = (deviate(seed + 4, at) + 1) / 2 + (k === truth ? 0.8 : 0)
      data[at] = x * x * x * x
      sum += data[at]
    }
    for (let at = s * classes; at < (s + 1) * classes; at++) data[at]! /= sum
  }
  return { rows: samples, columns: classes, data }
}
