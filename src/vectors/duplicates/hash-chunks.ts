/** Some neighbouring bits of a hash; a pair is looked for where its hashes differ in at most `threshold` of them. */
export interface Chunk {
  from: number
  width: number
  threshold: number
}

const hashBits = 64
const widest = 22
/** Time to look at a bucket, in comparisons of two hashes; measured. */
const bucketCost = 4

/**
 * Divides 64 bits so that two hashes within `radius` differ in at most `threshold` bits of at least one chunk: it suffices that the sum of
 * (threshold + 1) is radius + 1, for a pair beyond every threshold differs in that many bits at least. Chunks with nothing to
 * look for are left out. The number of chunks is the one that costs least for `count` evenly spread hashes.
 */
export function planChunks(count: number, radius: number): Chunk[] {
  let best: Chunk[] = []
  let lowest = Infinity
  for (let parts = Math.ceil(hashBits / widest); parts <= Math.max(radius + 1, 8); parts++) {
    const chunks = divideBits(parts, radius)
    let cost = 0
    for (const { width, threshold } of chunks)
      cost += (countMasks(width, threshold) / 2) * (bucketCost * 2 ** width + count ** 2 / 2 ** width)
    if (cost >= lowest) continue
    lowest = cost
    best = chunks
  }
  return best
}

function divideBits(parts: number, radius: number): Chunk[] {
  const chunks: Chunk[] = []
  let from = 0
  for (let part = 0; part < parts; part++) {
    const width = Math.floor((hashBits * (part + 1)) / parts) - from
    const units =
      Math.floor(((radius + 1) * (parts - part)) / parts) - Math.floor(((radius + 1) * (parts - part - 1)) / parts)
    if (units > 0) chunks.push({ from, width, threshold: units - 1 })
    from += width
  }
  return chunks
}

function countMasks(width: number, ones: number): number {
  let sum = 1
  let choices = 1
  for (let n = 1; n <= ones; n++) {
    choices = (choices * (width - n + 1)) / n
    sum += choices
  }
  return sum
}

/** All numbers of `width` bits with at most `ones` ones, by their count. */
export function listMasks(width: number, ones: number): number[] {
  const masks = [0]
  let from = 0
  for (let n = 0; n < ones; n++) {
    const until = masks.length
    for (let i = from; i < until; i++) {
      const mask = masks[i]!
      for (let bit = 32 - Math.clz32(mask); bit < width; bit++) masks.push(mask | (1 << bit))
    }
    from = until
  }
  return masks
}
