import { intersectBoxes } from './overlap.ts'

/** A box with a class; corners in px. */
export interface PlacedBox {
  x1: number
  y1: number
  x2: number
  y2: number
  class: string
}
export interface FoundBox extends PlacedBox {
  /** Confidence of the model, 0 to 1. */
  score: number
}

export interface ImageBoxes {
  labels: readonly PlacedBox[]
  predictions: readonly FoundBox[]
}

/** Weight of overlap against nearness of centres in how alike two boxes are. */
const alpha = 0.9
/** Decrease of nearness by px. */
const nearnessRate = 0.1
const sure = 0.95
const likely = 0.5
/** Overlap from which two labels of different classes are about the same thing. */
const sameThing = 0.95
const temperature = 0.1

export interface BoxScores {
  /** Of each prediction: how well a label covers it; NaN where it is unsure or lies on a label. Low: somebody overlooked it. */
  overlooked: Float64Array
  /** Of each label: how well it lies by the predictions of its class. Low: badly placed. */
  misplaced: Float64Array
  /** Of each label: low where a sure prediction of another class lies there. */
  swapped: Float64Array
  /** Of the image, by softmin over its boxes: overlooked, misplaced, swapped, and their geometric mean. */
  image: { overlooked: number; misplaced: number; swapped: number; quality: number }
}

/**
 * Quality of boxes by the predictions of a model, 0 to 1, low worse: ObjectLab (Tkachenko, Thyagarajan & Mueller 2023) as cleanlab's object_detection has
 * it, with α 0.9, confidences 0.5 and 0.95, softmin temperature 0.1.
 */
export function scoreBoxes(images: readonly ImageBoxes[]): BoxScores[] {
  const compared = images.map(compare)
  let floor = 1
  for (const { similarity } of compared) for (const one of similarity) if (one !== 0 && one < floor) floor = one
  return images.map((image, i) => {
    const { overlap, similarity } = compared[i]!
    const overlooked = scoreOverlooked(image, overlap, similarity, floor)
    const misplaced = scoreMisplaced(image, overlap, similarity)
    const swapped = scoreSwapped(image, similarity, floor)
    const parts = { overlooked: pool(overlooked), misplaced: pool(misplaced), swapped: pool(swapped) }
    const logs = Object.values(parts).map((part) => Math.log(1e-100 + part))
    return {
      overlooked,
      misplaced,
      swapped,
      image: { ...parts, quality: Math.exp(logs.reduce((sum, one) => sum + one, 0) / 3) },
    }
  })
}

/** Overlaps and likenesses, [labels × predictions]. */
function compare({ labels, predictions }: ImageBoxes): { overlap: Float64Array; similarity: Float64Array } {
  const overlap = new Float64Array(labels.length * predictions.length)
  const similarity = new Float64Array(overlap.length)
  labels.forEach((label, i) =>
    predictions.forEach((found, j) => {
      const at = i * predictions.length + j
      overlap[at] = intersectBoxes(label, found)
      const dx = (label.x1 + label.x2 - found.x1 - found.x2) / 2
      const dy = (label.y1 + label.y2 - found.y1 - found.y2) / 2
      similarity[at] = overlap[at] * alpha + (1 - alpha) * Math.exp(-Math.hypot(dx, dy) * nearnessRate)
    }),
  )
  return { overlap, similarity }
}

function scoreOverlooked(
  { labels, predictions }: ImageBoxes,
  overlap: Float64Array,
  similarity: Float64Array,
  floor: number,
): Float64Array {
  return Float64Array.from(predictions, (found, j) => {
    const at = (i: number): number => i * predictions.length + j
    if (found.score < sure || labels.some((_, i) => overlap[at(i)]! > 0)) return Number.NaN
    const own = labels.flatMap((label, i) => (label.class === found.class ? [similarity[at(i)]!] : []))
    return own.length === 0 ? floor * (1 - found.score) : Math.max(...own)
  })
}

function scoreMisplaced(
  { labels, predictions }: ImageBoxes,
  overlap: Float64Array,
  similarity: Float64Array,
): Float64Array {
  return Float64Array.from(labels, (label, i) => {
    let best = -Infinity
    predictions.forEach((found, j) => {
      const at = i * predictions.length + j
      if (found.class === label.class && found.score > likely && overlap[at]! > 0)
        best = Math.max(best, similarity[at]!)
    })
    return best === -Infinity ? 1 : best
  })
}

function scoreSwapped({ labels, predictions }: ImageBoxes, similarity: Float64Array, floor: number): Float64Array {
  return Float64Array.from(labels, (label, i) => {
    if (labels.some((other) => other.class !== label.class && intersectBoxes(label, other) >= sameThing)) return floor
    let closest = -Infinity
    predictions.forEach((found, j) => {
      if (found.class !== label.class && found.score > sure)
        closest = Math.max(closest, similarity[i * predictions.length + j]!)
    })
    return closest === -Infinity ? 1 : Math.max(floor, 1 - closest)
  })
}

/** Softmin of the scores there are; 1 for none. */
function pool(scores: Float64Array): number {
  return softmin(
    scores.filter((one) => !Number.isNaN(one)),
    temperature,
  )
}

/** Mean of scores weighted by softmax((1 − score) / temperature): near the lowest. 1 for none. */
export function softmin(scores: ArrayLike<number>, at: number): number {
  if (scores.length === 0) return 1
  let lowest = Infinity
  for (let i = 0; i < scores.length; i++) lowest = Math.min(lowest, scores[i]!)
  let weights = 0
  let sum = 0
  for (let i = 0; i < scores.length; i++) {
    const weight = Math.exp((lowest - scores[i]!) / at)
    weights += weight
    sum += weight * scores[i]!
  }
  return sum / weights
}
