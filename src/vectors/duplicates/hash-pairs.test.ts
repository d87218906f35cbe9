import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { listMasks, planChunks } from './hash-chunks.ts'
import { findHashPairs } from './hash-pairs.ts'

function countOnes(value: bigint): number {
  let bits = 0
  for (let left = value; left > 0n; left >>= 1n) bits += Number(left & 1n)
  return bits
}

function searchAll(hashes: readonly bigint[], radius: number) {
  const pairs = []
  for (let a = 0; a < hashes.length; a++)
    for (let b = a + 1; b < hashes.length; b++) {
      const distance = countOnes(hashes[a]! ^ hashes[b]!)
      if (distance <= radius) pairs.push({ a, b, score: 1 - distance / 64, by: 'hash' })
    }
  return pairs
}

/** Hashes around a few centres, so that near ones are common. */
const crowded = fc
  .record({
    centres: fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { minLength: 1, maxLength: 4 }),
    seed: fc.nat(),
    size: fc.nat(60),
  })
  .map(({ centres, seed, size }) => {
    const rng = createRng(seed)
    return Array.from({ length: size }, () => {
      let hash = rng.pick(centres)
      for (let flips = rng.integer(0, 7); flips > 0; flips--) hash ^= 1n << BigInt(rng.integer(0, 63))
      return hash
    })
  })

describe('findHashPairs', () => {
  it('finds what comparing all finds', async () => {
    await fc.assert(
      fc.asyncProperty(crowded, fc.integer({ min: 0, max: 8 }), async (hashes, radius) => {
        const found = await findHashPairs(BigUint64Array.from(hashes), { radius, equal: 'all' })
        expect(found).toEqual(searchAll(hashes, radius))
        const texts = hashes.map((hash) => hash.toString(16).padStart(16, '0'))
        expect(await findHashPairs(texts, { radius, equal: 'all' })).toEqual(found)
      }),
      { numRuns: 60 },
    )
  })

  it('finds the planted pairs among many', async () => {
    const rng = createRng(7)
    const hashes = Array.from(
      { length: 700 },
      () => (BigInt(rng.integer(0, 2 ** 32 - 1)) << 32n) | BigInt(rng.integer(0, 2 ** 32 - 1)),
    )
    for (let i = 0; i < 40; i++) {
      hashes[650 + i] = hashes[i * 3]!
      for (let flip = 0; flip < i % 9; flip++) hashes[650 + i]! ^= 1n << BigInt((i * 11 + flip * 7) % 64)
    }
    for (const radius of [1, 5, 8]) {
      const found = await findHashPairs(BigUint64Array.from(hashes), { radius, equal: 'all' })
      expect(found).toEqual(searchAll(hashes, radius))
    }
  })

  it('pairs equal hashes with the first of them, and leaves rows without a hash alone', async () => {
    const hashes = ['00000000000000ff', null, '00000000000000FF', undefined, '00000000000000ff', '00000000000000fe']
    const link = (a: number, b: number, distance: number) => ({ a, b, score: 1 - distance / 64, by: 'hash' })
    expect(await findHashPairs(hashes)).toEqual([link(0, 2, 0), link(0, 4, 0)])
    expect(await findHashPairs(hashes, { radius: 1 })).toEqual([link(0, 2, 0), link(0, 4, 0), link(0, 5, 1)])
    expect(await findHashPairs(hashes, { radius: 1, equal: 'all' })).toHaveLength(6)
    expect(await findHashPairs([null, '00000000000000ff', '00000000000000ff'])).toEqual([link(1, 2, 0)])
    expect(await findHashPairs([])).toEqual([])
  })

  it('refuses what it cannot do', async () => {
    await expect(findHashPairs(['xyz'])).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: /16 hex digits in row 0/,
    })
    await expect(findHashPairs([], { radius: 9 })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const same = Array.from({ length: 100 }, () => '0123456789abcdef')
    await expect(findHashPairs(same, { equal: 'all', maxPairs: 4949 })).rejects.toMatchObject({
      message: /at most 4949 pairs/,
    })
    expect(await findHashPairs(same, { equal: 'all', maxPairs: 4950 })).toHaveLength(4950)
    await expect(findHashPairs(same, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('planChunks', () => {
  it('leaves no pair within the radius beyond every threshold', () => {
    for (let radius = 0; radius <= 8; radius++)
      for (const count of [1, 100, 10_000, 1_000_000]) {
        const chunks = planChunks(count, radius)
        expect(chunks.reduce((sum, { threshold }) => sum + threshold + 1, 0)).toBe(radius + 1)
        for (const [i, { from, width, threshold }] of chunks.entries()) {
          expect(width).toBeGreaterThan(threshold)
          expect(from + width).toBeLessThanOrEqual(chunks[i + 1]?.from ?? 64)
        }
      }
  })

  it('flips every choice of bits once', () => {
    const masks = listMasks(8, 3)
    expect(new Set(masks).size).toBe(1 + 8 + 28 + 56)
    expect(masks).toHaveLength(1 + 8 + 28 + 56)
    expect(Math.max(...masks)).toBe(0b11100000)
  })
})
