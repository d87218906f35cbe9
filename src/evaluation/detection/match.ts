import type { BoxGroup, PredictedBoxes, TruthBoxes } from './group.ts'

export interface MatchPlan {
  /** Of intersection over union, rising; at most 16. */
  thresholds: Float64Array
  /** Predictions looked at an image, best first. */
  mostPredictions: number
  /** Ranges of area, px², both ends included; the first holds all. */
  areas: readonly { from: number; to: number }[]
}

/** What became of the predictions of one category, image after image, best first within each. */
export interface Matches {
  score: Float64Array
  /** Place within its image, from 0. */
  rank: Uint16Array
  /** For every range of area, a bit a threshold: the prediction found a true box that counts. */
  right: Uint16Array[]
  /** For every range of area, a bit a threshold: the prediction counts neither for nor against. */
  ignored: Uint16Array[]
  /** True boxes that count, for every range of area. */
  counted: number[]
}

/**
 * Gives predictions, best first, the true box they overlap most, each box once, crowds as often as it comes. True boxes outside a
 * range of area, and predictions that match none and lie outside it, are ignored there. As COCOeval.evaluateImg in pycocotools.
 * Writes into `found` the true box of every prediction at the first threshold and range.
 */
export function matchBoxes(
  { images }: BoxGroup,
  truth: TruthBoxes,
  predicted: PredictedBoxes,
  { thresholds, mostPredictions, areas }: MatchPlan,
  found: Int32Array,
): Matches {
  const total = images.reduce((sum, { predictions }) => sum + Math.min(predictions.length, mostPredictions), 0)
  const matches: Matches = {
    score: new Float64Array(total),
    rank: new Uint16Array(total),
    right: areas.map(() => new Uint16Array(total)),
    ignored: areas.map(() => new Uint16Array(total)),
    counted: areas.map(() => 0),
  }
  let from = 0
  for (const { truths, predictions } of images) {
    const best = predictions.toSorted((a, b) => predicted.score[b]! - predicted.score[a]! || a - b)
    const kept = best.subarray(0, mostPredictions)
    kept.forEach((row, i) => {
      matches.score[from + i] = predicted.score[row]!
      matches.rank[from + i] = i
    })
    const overlaps = overlapAll(kept, truths, truth, predicted)
    areas.forEach(({ from: smallest, to: largest }, area) => {
      const isIgnored = Uint8Array.from(truths, (row) =>
        truth.crowd[row] === 1 || truth.area[row]! < smallest || truth.area[row]! > largest ? 1 : 0,
      )
      // Boxes that count first, so that they are preferred.
      const order = Int32Array.from(truths, (_, i) => i).sort((a, b) => isIgnored[a]! - isIgnored[b]! || a - b)
      for (const ignored of isIgnored) matches.counted[area]! += 1 - ignored
      const right = matches.right[area]!
      const ignored = matches.ignored[area]!
      for (let t = 0; t < thresholds.length; t++) {
        const taken = new Uint8Array(truths.length)
        for (let p = 0; p < kept.length; p++) {
          let least = Math.min(thresholds[t]!, 1 - 1e-10)
          let hit = -1
          for (const g of order) {
            if (taken[g] === 1 && truth.crowd[truths[g]!] === 0) continue
            if (hit >= 0 && isIgnored[hit] === 0 && isIgnored[g] === 1) break
            const overlap = overlaps[p * truths.length + g]!
            if (overlap < least) continue
            least = overlap
            hit = g
          }
          if (hit >= 0) {
            taken[hit] = 1
            if (isIgnored[hit] === 1) ignored[from + p]! |= 1 << t
            else right[from + p]! |= 1 << t
            if (area === 0 && t === 0) found[kept[p]!] = truths[hit]!
          } else {
            const size = predicted.boxes[4 * kept[p]! + 2]! * predicted.boxes[4 * kept[p]! + 3]!
            if (size < smallest || size > largest) ignored[from + p]! |= 1 << t
          }
        }
      }
    })
    from += kept.length
  }
  return matches
}

/** Intersection over union of every prediction with every true box; over the prediction alone for crowds. */
function overlapAll(
  predictions: Int32Array,
  truths: Int32Array,
  truth: TruthBoxes,
  predicted: PredictedBoxes,
): Float64Array {
  const overlaps = new Float64Array(predictions.length * truths.length)
  let at = 0
  for (const p of predictions) {
    const [x, y, w, h] = [0, 1, 2, 3].map((i) => predicted.boxes[4 * p + i]!) as [number, number, number, number]
    for (const g of truths) {
      const gx = truth.boxes[4 * g]!
      const gy = truth.boxes[4 * g + 1]!
      const gw = truth.boxes[4 * g + 2]!
      const gh = truth.boxes[4 * g + 3]!
      const across = Math.min(x + w, gx + gw) - Math.max(x, gx)
      const down = Math.min(y + h, gy + gh) - Math.max(y, gy)
      if (across > 0 && down > 0) {
        const shared = across * down
        overlaps[at] = shared / (truth.crowd[g] === 1 ? w * h : w * h + gw * gh - shared)
      }
      at++
    }
  }
  return overlaps
}
