/** Boxes of many images, column by column. Boxes are [x, y, width, height] in px, one after the other. */
export interface BoxColumns {
  image: Int32Array
  category: Int32Array
  boxes: Float64Array
}

export interface TruthBoxes extends BoxColumns {
  /** px², by which a box counts as small, medium or large. */
  area: Float64Array
  /** 1 for a region that holds many objects: what hits it counts neither for nor against. */
  crowd: Uint8Array
}

export interface PredictedBoxes extends BoxColumns {
  score: Float64Array
}

/** Rows of one category, image after image in rising order. */
export interface BoxGroup {
  category: number
  images: { truths: Int32Array; predictions: Int32Array }[]
  predictions: number
}

/** One group a category that has true boxes, in rising order. */
export function groupBoxes(truth: TruthBoxes, predicted: PredictedBoxes): BoxGroup[] {
  const truths = sortRows(truth)
  const predictions = sortRows(predicted)
  const groups: BoxGroup[] = []
  let at = 0
  let other = 0
  while (at < truths.length) {
    const category = truth.category[truths[at]!]!
    const end = endOf(truths, at, (row) => truth.category[row] === category)
    while (other < predictions.length && predicted.category[predictions[other]!]! < category) other++
    const otherEnd = endOf(predictions, other, (row) => predicted.category[row] === category)
    const images: BoxGroup['images'] = []
    let [t, p] = [at, other]
    while (t < end || p < otherEnd) {
      const image = Math.min(
        t < end ? truth.image[truths[t]!]! : Infinity,
        p < otherEnd ? predicted.image[predictions[p]!]! : Infinity,
      )
      const tEnd = Math.min(
        end,
        endOf(truths, t, (row) => truth.image[row] === image),
      )
      const pEnd = Math.min(
        otherEnd,
        endOf(predictions, p, (row) => predicted.image[row] === image),
      )
      images.push({ truths: truths.subarray(t, tEnd), predictions: predictions.subarray(p, pEnd) })
      t = tEnd
      p = pEnd
    }
    groups.push({ category, images, predictions: otherEnd - other })
    at = end
    other = otherEnd
  }
  return groups
}

/** Rows by category, then image, then as they came. */
function sortRows({ image, category }: BoxColumns): Int32Array {
  return Int32Array.from(image, (_, row) => row).sort(
    (a, b) => category[a]! - category[b]! || image[a]! - image[b]! || a - b,
  )
}

function endOf(rows: Int32Array, from: number, holds: (row: number) => boolean): number {
  let end = from
  while (end < rows.length && holds(rows[end]!)) end++
  return end
}
