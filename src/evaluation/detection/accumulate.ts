import type { MatchPlan, Matches } from './match.ts'

/** By threshold; null where no true box counts. */
export interface CategoryFigures {
  /** For every range of area: precision averaged over 101 steps of recall. */
  precisions: (Float64Array | null)[]
  /** For every range of area: the recall of all predictions. */
  recalls: (Float64Array | null)[]
  /** With the best prediction of an image, and with ten, boxes of any size. */
  firstRecalls: Float64Array | null
  tenRecalls: Float64Array | null
}

const recallSteps = 101
/** np.spacing(1). */
const epsilon = Number.EPSILON

/** Precision and recall of one category from its matches, as COCOeval.accumulate in pycocotools. */
export function accumulate(matches: Matches, { thresholds, areas }: MatchPlan): CategoryFigures {
  const { score, rank } = matches
  const order = Int32Array.from(score, (_, i) => i).sort((a, b) => score[b]! - score[a]! || a - b)
  const recallsWithin = (area: number, most: number): Float64Array | null =>
    matches.counted[area] === 0
      ? null
      : Float64Array.from(thresholds, (_, t) => {
          let right = 0
          matches.right[area]!.forEach((bits, i) => (right += rank[i]! < most ? (bits >> t) & 1 : 0))
          return right / matches.counted[area]!
        })
  return {
    precisions: areas.map((_, area) =>
      matches.counted[area] === 0
        ? null
        : Float64Array.from(thresholds, (_threshold, t) => averagePrecision(matches, area, t, order)),
    ),
    recalls: areas.map((_, area) => recallsWithin(area, Infinity)),
    firstRecalls: recallsWithin(0, 1),
    tenRecalls: recallsWithin(0, 10),
  }
}

function averagePrecision(matches: Matches, area: number, t: number, order: Int32Array): number {
  const right = matches.right[area]!
  const ignored = matches.ignored[area]!
  const counted = matches.counted[area]!
  const recall = new Float64Array(order.length)
  const precision = new Float64Array(order.length)
  let hits = 0
  let misses = 0
  order.forEach((i, at) => {
    if (((right[i]! >> t) & 1) === 1) hits++
    else if (((ignored[i]! >> t) & 1) === 0) misses++
    recall[at] = hits / counted
    precision[at] = hits / (misses + hits + epsilon)
  })
  for (let at = precision.length - 1; at > 0; at--)
    if (precision[at]! > precision[at - 1]!) precision[at - 1] = precision[at]!
  let sum = 0
  for (let step = 0, at = 0; step < recallSteps; step++) {
    const wanted = step === recallSteps - 1 ? 1 : step * 0.01
    while (at < recall.length && recall[at]! < wanted) at++
    if (at === recall.length) break
    sum += precision[at]!
  }
  return sum / recallSteps
}
