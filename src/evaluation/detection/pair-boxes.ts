import type { BoxColumns, PredictedBoxes, TruthBoxes } from './group.ts'

/** From that intersection over union on, a box stands for the same thing. */
const sameThing = 0.5

/** What belongs to what at IoU 0.5, by rows; −1 for nothing. */
export interface BoxPairs {
  /** True box of each prediction: of its class, else one of another class that nobody else found; −1 also for those that do not count. */
  ofPrediction: Int32Array
  /** Prediction of each true box that is no crowd. */
  ofTruth: Int32Array
  /** 1 for predictions that count as right, wrong or confused: those in `isSure` that hit no crowd. */
  isJudged: Uint8Array
}

/**
 * Pairs predictions with true boxes: by `found` (COCO, within a class), then what is left over with boxes of other classes, best score
 * first, each once. The second step is that of the usual confusion matrices of detectors.
 */
export function pairBoxes(
  truth: TruthBoxes,
  predicted: PredictedBoxes,
  { found, isSure }: { found: Int32Array; isSure: Uint8Array },
): BoxPairs {
  const ofPrediction = new Int32Array(found.length).fill(-1)
  const ofTruth = new Int32Array(truth.image.length).fill(-1)
  const isJudged = isSure.slice()
  found.forEach((row, prediction) => {
    if (isSure[prediction] === 0 || row < 0) return
    if (truth.crowd[row] === 1) isJudged[prediction] = 0
    else {
      ofPrediction[prediction] = row
      ofTruth[row] = prediction
    }
  })
  const open = new Map<number, number[]>()
  ofTruth.forEach((prediction, row) => {
    if (prediction >= 0 || truth.crowd[row] === 1) return
    const image = truth.image[row]!
    const rows = open.get(image)
    if (rows === undefined) open.set(image, [row])
    else rows.push(row)
  })
  const left = [...isJudged.keys()].filter(
    (row) => isJudged[row] === 1 && ofPrediction[row]! < 0 && open.has(predicted.image[row]!),
  )
  for (const row of left.toSorted((a, b) => predicted.score[b]! - predicted.score[a]! || a - b)) {
    let best = { overlap: sameThing, truth: -1 }
    for (const candidate of open.get(predicted.image[row]!)!) {
      if (ofTruth[candidate]! >= 0 || truth.category[candidate] === predicted.category[row]) continue
      const overlap = overlapOf(predicted, row, truth, candidate)
      if (overlap > best.overlap || (overlap === best.overlap && best.truth < 0)) best = { overlap, truth: candidate }
    }
    if (best.truth < 0) continue
    ofPrediction[row] = best.truth
    ofTruth[best.truth] = row
  }
  return { ofPrediction, ofTruth, isJudged }
}

/** Intersection over union of two boxes, 0 to 1. */
export function overlapOf(one: BoxColumns, row: number, other: BoxColumns, otherRow: number): number {
  const [x, y, w, h] = one.boxes.subarray(4 * row, 4 * row + 4) as unknown as [number, number, number, number]
  const [ox, oy, ow, oh] = other.boxes.subarray(4 * otherRow, 4 * otherRow + 4) as unknown as [
    number,
    number,
    number,
    number,
  ]
  const across = Math.min(x + w, ox + ow) - Math.max(x, ox)
  const down = Math.min(y + h, oy + oh) - Math.max(y, oy)
  if (across <= 0 || down <= 0) return 0
  const shared = across * down
  return shared / (w * h + ow * oh - shared)
}

/**
 * How often boxes of each class were taken for each other: [true class][predicted class] of `count` classes, and one more row for
 * predictions of nothing and column for true boxes that nobody found.
 */
export function countConfusions(truth: TruthBoxes, predicted: BoxColumns, pairs: BoxPairs, count: number): number[][] {
  const table = Array.from({ length: count + 1 }, () => Array.from({ length: count + 1 }, () => 0))
  pairs.ofTruth.forEach((row, own) => {
    if (truth.crowd[own] === 1) return
    table[truth.category[own]!]![row < 0 ? count : predicted.category[row]!]!++
  })
  pairs.ofPrediction.forEach((row, own) => {
    if (row < 0 && pairs.isJudged[own] === 1) table[count]![predicted.category[own]!]!++
  })
  return table
}
