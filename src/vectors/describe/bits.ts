/** A set of rows: bit i of word w stands for row 32·w + i. */
export type Bits = Uint32Array

/** How many rows a description matches, and how many of them are selected. */
export interface Tally {
  count: number
  hits: number
}

export function emptyBits(rows: number): Bits {
  return new Uint32Array(Math.ceil(rows / 32))
}

export function setBit(bits: Bits, row: number): void {
  bits[row >>> 5]! |= 1 << (row & 31)
}

/** Rows of both. */
export const meet = (a: Bits, b: Bits): Bits => a.map((word, w) => word & b[w]!)

/** Rows of either. */
export const join = (a: Bits, b: Bits): Bits => a.map((word, w) => word | b[w]!)

/** All rows but these, in place. */
export function invert(bits: Bits, rows: number): void {
  for (let w = 0; w < bits.length; w++) bits[w] = ~bits[w]!
  const last = rows & 31
  if (last > 0) bits[bits.length - 1]! &= (1 << last) - 1
}

/** Tally of the rows of both `a` and `b`, without making the set. */
export function tallyBoth(a: Bits, b: Bits, inside: Bits): Tally {
  let count = 0
  let hits = 0
  for (let w = 0; w < a.length; w++) {
    const word = a[w]! & b[w]!
    if (word === 0) continue
    count += popcount(word)
    hits += popcount(word & inside[w]!)
  }
  return { count, hits }
}

/** Ones in a word (Warren, Hacker's Delight, 5-1). */
function popcount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
