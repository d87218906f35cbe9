/** Pixels of pictures: truly covered, predicted, and both. */
export interface PixelTally {
  truth: number
  predicted: number
  shared: number
}

/** Dice (F1 of pixels), intersection over union, precision and recall; null where nothing is covered on the side divided by. */
export interface PixelFigures {
  dice: number | null
  iou: number | null
  precision: number | null
  recall: number | null
}

export const newTally = (): PixelTally => ({ truth: 0, predicted: 0, shared: 0 })

export function addTally(sum: PixelTally, { truth, predicted, shared }: PixelTally): void {
  sum.truth += truth
  sum.predicted += predicted
  sum.shared += shared
}

export function measurePixels({ truth, predicted, shared }: PixelTally): PixelFigures {
  const covered = truth + predicted
  return {
    dice: covered === 0 ? null : (2 * shared) / covered,
    iou: covered === 0 ? null : shared / (covered - shared),
    precision: predicted === 0 ? null : shared / predicted,
    recall: truth === 0 ? null : shared / truth,
  }
}
