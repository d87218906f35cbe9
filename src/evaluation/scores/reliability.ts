export interface ReliabilityBin {
  low: number
  high: number
  count: number
  /** Mean score, and share that is right. */
  score: number
  accuracy: number
}

/**
 * Scores beside how often they are right, in bins of equal width; a score on a border belongs to the bin below, as in the expected
 * calibration error (Naeini et al. 2015). Empty bins are left out. Scores in [0, 1].
 */
export function binReliability(scores: Float64Array, right: Uint8Array, bins = 15): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ count: 0, score: 0, hits: 0 }))
  scores.forEach((score, i) => {
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.ceil(score * bins) - 1))]!
    bin.count++
    bin.score += score
    bin.hits += right[i]!
  })
  return sums.flatMap(({ count, score, hits }, i) =>
    count === 0 ? [] : [{ low: i / bins, high: (i + 1) / bins, count, score: score / count, accuracy: hits / count }],
  )
}
