/** Seeded randomness. The same seed gives the same sequence on every machine. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number
  /** Normal deviate. */
  normal(mean?: number, deviation?: number): number
  pick<T>(items: readonly T[]): T
  /** A new array in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[]
  /** An independent stream that depends only on this seed and the name. */
  fork(name: string): Rng
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded from a number or text. */
export function createRng(seed: number | string): Rng {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = hashText(String(seed))
  let counter = 1
  const uint32 = (): number => {
    const sum = (a + b + counter++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 15; i++) uint32()
  const next = (): number => uint32() / 4294967296
  const rng: Rng = {
    next,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    uniform: (low, high) => low + next() * (high - low),
    // Box-Muller; 1 − next() keeps the logarithm finite.
    normal: (mean = 0, deviation = 1) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (items) => items[Math.floor(next() * items.length)]!,
    shuffle: (items) => {
      const out = [...items]
      for (let i = out.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1))
        ;[out[i], out[j]] = [out[j]!, out[i]!]
      }
      return out
    },
    fork: (name) => createRng(`${seed}/${name}`),
  }
  return rng
}
