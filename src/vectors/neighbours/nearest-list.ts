/**
 * The `k` best of a stream of scored rows, best first. Kept as a sorted list: for the small `k` of neighbour searches, moving a
 * few entries costs less than a heap.
 */
export interface NearestList {
  readonly ids: Int32Array
  readonly scores: Float64Array
  readonly size: number
  /** The score a row must beat to get in; −Infinity while there is room. */
  readonly floor: number
  add(id: number, score: number): void
  clear(): void
}

export function createNearestList(k: number): NearestList {
  const ids = new Int32Array(k).fill(-1)
  const scores = new Float64Array(k).fill(-Infinity)
  let size = 0
  return {
    ids,
    scores,
    get size() {
      return size
    },
    get floor() {
      return size < k ? -Infinity : scores[k - 1]!
    },
    add(id, score) {
      if (size === k && score <= scores[k - 1]!) return
      let at = size < k ? size++ : k - 1
      while (at > 0 && scores[at - 1]! < score) {
        scores[at] = scores[at - 1]!
        ids[at] = ids[at - 1]!
        at--
      }
      scores[at] = score
      ids[at] = id
    },
    clear() {
      size = 0
    },
  }
}
