/** A set of rows: bit i of word w stands for row 32·w + i. */
export type Bits = Uint32Array

export function emptyBits(rows: number): Bits {
  return new Uint32Array(Math.ceil(rows / 32))
}

export function setBit(bits: Bits, row: number): void {
  bits[row >>> 5]! |= 1 << (row & 31)
}

/** Rows of both; how many of them, and how many of those are in `inside`. */
export function meet(a: Bits, b: Bits, inside: Bits): { bits: Bits; count: number; hits: number } {
  const bits = new Uint32Array(a.length)
  let count = 0
  let hits = 0
  for (let w = 0; w < a.length; w++) {
    const word = a[w]! & b[w]!
    bits[w] = word
    count += popcount(word)
    hits += popcount(word & inside[w]!)
  }
  return { bits, count, hits }
}

export function join(a: Bits, b: Bits, inside: Bits): { bits: Bits; count: number; hits: number } {
  const bits = new Uint32Array(a.length)
  let count = 0
  let hits = 0
  for (let w = 0; w < a.length; w++) {
    const word = a[w]! | b[w]!
    bits[w] = word
    count += popcount(word)
    hits += popcount(word & inside[w]!)
  }
  return { bits, count, hits }
}

/** All rows but these. */
export function invert(bits: Bits, rows: number): Bits {
  const out = bits.map((word) => ~word)
  const last = rows & 31
  if (last > 0) out[out.length - 1]! &= (1 << last) - 1
  return out
}

export function countBits(bits: Bits, inside: Bits): { count: number; hits: number } {
  let count = 0
  let hits = 0
  for (let w = 0; w < bits.length; w++) {
    count += popcount(bits[w]!)
    hits += popcount(bits[w]! & inside[w]!)
  }
  return { count, hits }
}

/** Ones in a word (Warren, Hacker's Delight, 5-1). */
function popcount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
