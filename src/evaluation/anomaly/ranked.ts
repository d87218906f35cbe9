/**
 * Scores of what is normal and of what is not, each in rising order. Two lists instead of one with marks: 4 bytes a score, and the
 * platform's own sort. `weights` say what each abnormal one counts; 1 when left out.
 */
export interface RankedScores {
  normal: Float32Array
  abnormal: Float32Array
  weights?: Float64Array
}

/** How well scores tell the two apart; null where one side is empty. */
export interface RankedFigures {
  /** Area under the ROC curve, ties half. */
  rocArea: number | null
  /** Σ (Rᵢ − Rᵢ₋₁) · Pᵢ over distinct scores, as scikit-learn defines it. */
  averagePrecision: number | null
  /** The best F1 over all thresholds, and the highest threshold that reaches it: from it on a score counts as abnormal. */
  bestF1: { f1: number; threshold: number } | null
}

/** Ranks scores, one a row; `isAbnormal` holds 1 where the row truly is. */
export function rankScores(scores: ArrayLike<number>, isAbnormal: ArrayLike<number>): RankedScores {
  const sides: [number[], number[]] = [[], []]
  for (let i = 0; i < scores.length; i++) sides[isAbnormal[i] ? 1 : 0].push(scores[i]!)
  return { normal: Float32Array.from(sides[0]).sort(), abnormal: Float32Array.from(sides[1]).sort() }
}

/**
 * Calls back for each distinct score from the highest to the lowest with all that lies at or above it: how many normal ones, how many
 * abnormal ones, and what those weigh. O(n).
 */
export function walkDown(
  { normal, abnormal, weights }: RankedScores,
  visit: (score: number, normals: number, abnormals: number, weight: number) => void,
): void {
  let n = normal.length - 1
  let a = abnormal.length - 1
  let weight = 0
  while (n >= 0 || a >= 0) {
    const score = Math.max(n < 0 ? -Infinity : normal[n]!, a < 0 ? -Infinity : abnormal[a]!)
    while (n >= 0 && normal[n]! >= score) n--
    for (; a >= 0 && abnormal[a]! >= score; a--) weight += weights === undefined ? 1 : weights[a]!
    visit(score, normal.length - 1 - n, abnormal.length - 1 - a, weight)
  }
}

/** All figures in one pass over the ranks. */
export function measureRanked(ranked: RankedScores): RankedFigures {
  const [negatives, positives] = [ranked.normal.length, ranked.abnormal.length]
  if (negatives === 0 || positives === 0) return { rocArea: null, averagePrecision: null, bestF1: null }
  let area = 0
  let precisions = 0
  let last = { normals: 0, abnormals: 0 }
  let best = { f1: 0, threshold: Infinity }
  walkDown(ranked, (threshold, normals, abnormals) => {
    area += ((normals - last.normals) * (abnormals + last.abnormals)) / 2
    precisions += (abnormals - last.abnormals) * (abnormals / (normals + abnormals))
    const f1 = (2 * abnormals) / (normals + abnormals + positives)
    if (f1 > best.f1) best = { f1, threshold }
    last = { normals, abnormals }
  })
  return { rocArea: area / (negatives * positives), averagePrecision: precisions / positives, bestF1: best }
}
