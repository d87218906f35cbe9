import { ignoredTarget } from '../../graph/loss.ts'

/** Pixels of every class over all pictures that were judged; the first is the background. */
interface PixelCounts {
  truth: number[]
  predicted: number[]
  shared: number[]
}

export function startCounts(classes: number): PixelCounts {
  const zeros = (): number[] => Array.from({ length: classes }, () => 0)
  return { truth: zeros(), predicted: zeros(), shared: zeros() }
}

export function countPixels(counts: PixelCounts, target: Uint8Array, predicted: Uint8Array): void {
  for (let i = 0; i < target.length; i++) {
    const [wanted, found] = [target[i]!, predicted[i]!]
    if (wanted === ignoredTarget) continue
    counts.truth[wanted]!++
    counts.predicted[found]!++
    if (wanted === found) counts.shared[wanted]!++
  }
}

/**
 * Dice and IoU of pixels pooled over all pictures, mean over the classes (but the background) that are there or were found. Both are 1
 * where none is, and none was found.
 */
export function measureCounts({ truth, predicted, shared }: PixelCounts): { dice: number; iou: number } {
  const seen = truth.flatMap((count, i) => {
    const both = count + predicted[i]!
    return i === 0 || both === 0 ? [] : [{ both, shared: shared[i]! }]
  })
  const mean = (of: (one: { both: number; shared: number }) => number): number =>
    seen.length === 0 ? 1 : seen.reduce((sum, one) => sum + of(one), 0) / seen.length
  return {
    dice: mean((one) => (2 * one.shared) / one.both),
    iou: mean((one) => one.shared / (one.both - one.shared)),
  }
}
