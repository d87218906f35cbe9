import { setImmediate } from 'node:timers/promises'
import { FoveaError, throwIfAborted } from '#base'
import type { LongWork } from '../types.ts'
import type { DuplicatePair } from './groups.ts'
import { planChunks, listMasks, type Chunk } from './hash-chunks.ts'

export interface HashPairsOptions {
  /** Greatest Hamming distance, 0 to 8. 0 when absent: equal hashes. */
  radius?: number
  /**
   * Of rows with the same hash, `all` pairs every two of them, and each with all rows of a near hash; `first` pairs each with the
   * first of them, and only those first rows with near hashes: linear in the rows, and enough for grouping. `first` when absent.
   */
  equal?: 'all' | 'first'
  /** More pairs are refused; 5 000 000 when absent. */
  maxPairs?: number
}

/** 64-bit hashes in two halves. */
interface Halves {
  high: Uint32Array
  low: Uint32Array
}

/** Rounds between two turns for others: each takes a few ms at a million hashes. */
const roundsPerTurn = 16

/**
 * Pairs of rows whose 64-bit perceptual hashes differ in at most `radius` bits, with a < b, by a then b, and a score of 1 − distance / 64. A row without a
 * hash is in no pair. Equal hashes meet in a hash table; near ones by multi-index hashing (Norouzi, Punjani & Fleet 2012, "Fast search in
 * Hamming space with multi-index hashing") with the thresholds of the general pigeonhole principle (Qin et al. 2018): see `planChunks`.
 * Throws INPUT_INVALID for text that is not 16 hex digits, a radius out of range or too many pairs, CANCELLED on abort.
 */
export async function findHashPairs(
  hashes: readonly (string | null | undefined)[] | BigUint64Array,
  options: HashPairsOptions = {},
  work: LongWork = {},
): Promise<DuplicatePair[]> {
  const { radius = 0, equal = 'first', maxPairs = 5_000_000 } = options
  if (!Number.isInteger(radius) || radius < 0 || radius > 8)
    throw new FoveaError('INPUT_INVALID', `Expected a Hamming distance of 0 to 8, got ${radius}.`)
  const distinct = collectDistinct(hashes)
  const pairs: DuplicatePair[] = []
  const push = (a: number, b: number, distance: number): void => {
    if (pairs.length >= maxPairs)
      throw new FoveaError('INPUT_INVALID', `Expected at most ${maxPairs} pairs of near hashes, got more.`, {
        hint: 'Ask for a smaller distance, or for fewer samples.',
      })
    pairs.push({ a: Math.min(a, b), b: Math.max(a, b), score: 1 - distance / 64, by: 'hash' })
  }
  const pairSets = (a: number, b: number, distance: number): void => {
    if (equal === 'first') push(distinct.first[a]!, distinct.first[b]!, distance)
    else for (const rowA of listRows(distinct, a)) for (const rowB of listRows(distinct, b)) push(rowA, rowB, distance)
  }
  throwIfAborted(work.signal)
  for (let set = 0; set < distinct.count; set++) {
    const rows = listRows(distinct, set)
    for (let i = 0; i < (equal === 'first' ? Math.min(1, rows.length) : rows.length); i++)
      for (let j = i + 1; j < rows.length; j++) push(rows[i]!, rows[j]!, 0)
  }
  if (radius > 0) await joinNear(distinct, radius, pairSets, work)
  return pairs.sort((x, y) => x.a - y.a || x.b - y.b)
}

interface DistinctHashes extends Halves {
  count: number
  /** First row of every distinct hash, and the next row with the same hash, or −1, of every row. */
  first: Int32Array
  next: Int32Array
}

/** Open addressing, linear probing, half full at most. */
function collectDistinct(hashes: readonly (string | null | undefined)[] | BigUint64Array): DistinctHashes {
  const rows = hashes.length
  const halves = typeof hashes[0] === 'bigint' ? readNumbers(hashes as BigUint64Array) : readTexts(hashes as string[])
  const slots = 1 << Math.max(4, Math.ceil(Math.log2(rows * 2 + 1)))
  const table = new Int32Array(slots).fill(-1)
  const distinct: DistinctHashes = {
    count: 0,
    high: new Uint32Array(rows),
    low: new Uint32Array(rows),
    first: new Int32Array(rows),
    next: new Int32Array(rows).fill(-1),
  }
  const last = new Int32Array(rows)
  for (let r = 0; r < rows; r++) {
    if (hashes[r] == null) continue
    const high = halves.high[r]!
    const low = halves.low[r]!
    let slot = mixBits(Math.imul(high, 0x9e3779b1) ^ low) & (slots - 1)
    let set = table[slot]!
    while (set >= 0 && (distinct.high[set] !== high || distinct.low[set] !== low)) {
      slot = (slot + 1) & (slots - 1)
      set = table[slot]!
    }
    if (set < 0) {
      set = distinct.count++
      table[slot] = set
      distinct.high[set] = high
      distinct.low[set] = low
      distinct.first[set] = r
    } else distinct.next[last[set]!] = r
    last[set] = r
  }
  return distinct
}

/** Finalizer of MurmurHash3, 32 bits (Appleby, public domain). */
function mixBits(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}

function readNumbers(hashes: BigUint64Array): Halves {
  const words = new Uint32Array(hashes.buffer, hashes.byteOffset, hashes.length * 2)
  return {
    low: Uint32Array.from(hashes, (_, r) => words[r * 2]!),
    high: Uint32Array.from(hashes, (_, r) => words[r * 2 + 1]!),
  }
}

function readTexts(hashes: readonly (string | null | undefined)[]): Halves {
  const high = new Uint32Array(hashes.length)
  const low = new Uint32Array(hashes.length)
  for (const [r, text] of hashes.entries()) {
    if (text == null) continue
    if (!/^[0-9a-fA-F]{16}$/.test(text))
      throw new FoveaError('INPUT_INVALID', `Expected a hash of 16 hex digits in row ${r}, got "${text}".`)
    high[r] = parseInt(text.slice(0, 8), 16)
    low[r] = parseInt(text.slice(8), 16)
  }
  return { high, low }
}

function listRows({ first, next }: DistinctHashes, set: number): number[] {
  const rows = []
  for (let row = first[set]!; row >= 0; row = next[row]!) rows.push(row)
  return rows
}

/** Calls `found` for every two distinct hashes within the radius, once. */
async function joinNear(
  hashes: DistinctHashes,
  radius: number,
  found: (a: number, b: number, distance: number) => void,
  work: LongWork,
): Promise<void> {
  const chunks = planChunks(hashes.count, radius)
  const masks = chunks.map(({ width, threshold }) => listMasks(width, threshold))
  const total = masks.reduce((sum, list) => sum + list.length, 0)
  let done = 0
  for (const [index, chunk] of chunks.entries()) {
    const buckets = fillBuckets(hashes, chunk)
    for (const mask of masks[index]!) {
      joinBuckets(buckets, mask, radius, chunks, index, found)
      done++
      if (done % roundsPerTurn !== 0) continue
      work.progress?.report({ stage: 'near hashes', done, total, unit: 'rounds' })
      await setImmediate()
      throwIfAborted(work.signal)
    }
  }
}

interface Buckets extends Halves {
  /** Bucket v holds the entries start[v] to start[v + 1]; one for each value of the chunk. */
  start: Int32Array
  /** Number of the distinct hash. */
  set: Int32Array
}

/** Counting sort of the hashes by the bits of the chunk. */
function fillBuckets(hashes: DistinctHashes, chunk: Chunk): Buckets {
  const { count } = hashes
  const start = new Int32Array((1 << chunk.width) + 2)
  for (let i = 0; i < count; i++) start[readChunk(hashes.high[i]!, hashes.low[i]!, chunk) + 2]!++
  for (let v = 1; v < start.length; v++) start[v]! += start[v - 1]!
  const buckets = { start, set: new Int32Array(count), high: new Uint32Array(count), low: new Uint32Array(count) }
  for (let i = 0; i < count; i++) {
    const at = start[readChunk(hashes.high[i]!, hashes.low[i]!, chunk) + 1]!++
    buckets.set[at] = i
    buckets.high[at] = hashes.high[i]!
    buckets.low[at] = hashes.low[i]!
  }
  return buckets
}

function joinBuckets(
  { start, set, high, low }: Buckets,
  mask: number,
  radius: number,
  chunks: readonly Chunk[],
  index: number,
  found: (a: number, b: number, distance: number) => void,
): void {
  const values = start.length - 2
  for (let v = 0; v < values; v++) {
    const other = v ^ mask
    const end = start[v + 1]!
    if (other < v || start[v] === end) continue
    const otherStart = start[other]!
    const otherEnd = start[other + 1]!
    if (otherStart === otherEnd) continue
    for (let i = start[v]!; i < end; i++) {
      const highI = high[i]!
      const lowI = low[i]!
      for (let j = mask === 0 ? i + 1 : otherStart; j < otherEnd; j++) {
        const highX = highI ^ high[j]!
        const distance = countBits(highX) + countBits(lowI ^ low[j]!)
        if (distance <= radius && isFirstChunk(highX >>> 0, (lowI ^ low[j]!) >>> 0, chunks, index))
          found(set[i]!, set[j]!, distance)
      }
    }
  }
}

/** Whether no chunk before this one finds the pair too. */
function isFirstChunk(high: number, low: number, chunks: readonly Chunk[], index: number): boolean {
  for (let c = 0; c < index; c++) if (countBits(readChunk(high, low, chunks[c]!)) <= chunks[c]!.threshold) return false
  return true
}

/** Bits `from` … `from + width` of a hash, bit 0 the lowest. */
function readChunk(high: number, low: number, { from, width }: Chunk): number {
  const bits = from >= 32 ? high >>> (from - 32) : from === 0 ? low : (low >>> from) | (high << (32 - from))
  return bits & ((1 << width) - 1)
}

/** Number of ones among 32 bits (Warren, Hacker's Delight, 5-1). */
function countBits(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
