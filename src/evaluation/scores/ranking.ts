/** Scores in falling order with what is positive among them, so that many weighings cost one pass each. */
export interface Ranking {
  /** Row of each place, the highest score first. */
  order: Int32Array
  scores: Float64Array
  positive: Uint8Array
}

export function rankScores(scores: Float64Array, positive: Uint8Array): Ranking {
  return {
    order: Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b),
    scores,
    positive,
  }
}

/** Calls back after each group of equal scores with the weights of positives and negatives down to it. O(n). */
function walk(
  { order, scores, positive }: Ranking,
  weights: Float64Array,
  visit: (hits: number, misses: number, score: number) => void,
): void {
  let hits = 0
  let misses = 0
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!
    if (positive[row] === 1) hits += weights[row]!
    else misses += weights[row]!
    const next = order[i + 1]
    if (next === undefined || scores[next] !== scores[row]) visit(hits, misses, scores[row]!)
  }
}

/** Area under the ROC curve, ties half; null without positives or negatives. O(n). */
export function weightedRocArea(ranking: Ranking, weights: Float64Array): number | null {
  let area = 0
  let [lastHits, lastMisses] = [0, 0]
  walk(ranking, weights, (hits, misses) => {
    area += ((misses - lastMisses) * (hits + lastHits)) / 2
    lastHits = hits
    lastMisses = misses
  })
  return lastHits === 0 || lastMisses === 0 ? null : area / (lastHits * lastMisses)
}

/** Average precision: Σ (Rᵢ − Rᵢ₋₁) · Pᵢ over distinct scores, as scikit-learn defines it; null without positives. O(n). */
export function weightedAveragePrecision(ranking: Ranking, weights: Float64Array): number | null {
  let sum = 0
  let last = 0
  walk(ranking, weights, (hits, misses) => {
    if (hits > last) sum += (hits - last) * (hits / (hits + misses))
    last = hits
  })
  return last === 0 ? null : sum / last
}

export interface Curve {
  name: string
  x: number[]
  y: number[]
}

const curvePoints = 101

/** ROC (false positive rate, true positive rate) and precision over recall, thinned to a hundred points; none without both kinds. */
export function drawCurves(name: string, ranking: Ranking): Curve[] {
  const ones = new Float64Array(ranking.scores.length).fill(1)
  const steps: { hits: number; misses: number }[] = [{ hits: 0, misses: 0 }]
  walk(ranking, ones, (hits, misses) => steps.push({ hits, misses }))
  const all = steps.at(-1)!
  if (all.hits === 0 || all.misses === 0) return []
  const kept = thin(steps)
  const found = kept.filter(({ hits, misses }) => hits + misses > 0)
  return [
    {
      name: `roc ${name}`,
      x: kept.map(({ misses }) => misses / all.misses),
      y: kept.map(({ hits }) => hits / all.hits),
    },
    {
      name: `precision-recall ${name}`,
      x: found.map(({ hits }) => hits / all.hits),
      y: found.map(({ hits, misses }) => hits / (hits + misses)),
    },
  ]
}

function thin<Each>(steps: readonly Each[]): Each[] {
  if (steps.length <= curvePoints) return [...steps]
  return Array.from({ length: curvePoints }, (_, i) => steps[Math.round((i * (steps.length - 1)) / (curvePoints - 1))]!)
}
