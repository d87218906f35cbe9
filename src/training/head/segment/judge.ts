import { ignoredTarget } from '../../graph/loss.ts'

/** Pixels of every class over all pictures that were judged; the first is the background. */
interface PixelCounts {
  truth: number[]
  predicted: number[]
  shared: number[]
  /** Pixels that are of some class, and that some class was found at, whichever. */
  anyShared: number
}

export function startCounts(classes: number): PixelCounts {
  const zeros = (): number[] => Array.from({ length: classes }, () => 0)
  return { truth: zeros(), predicted: zeros(), shared: zeros(), anyShared: 0 }
}

export function countPixels(counts: PixelCounts, target: Uint8Array, predicted: Uint8Array): void {
  for (let i = 0; i < target.length; i++) {
    const [wanted, found] = [target[i]!, predicted[i]!]
    if (wanted === ignoredTarget) continue
    counts.truth[wanted]!++
    counts.predicted[found]!++
    if (wanted === found) counts.shared[wanted]!++
    if (wanted > 0 && found > 0) counts.anyShared++
  }
}

/**
 * Of pixels pooled over all pictures: Dice and IoU whatever their class, as evaluations have them, and the mean Dice of the classes (but the
 * background) that are there or were found. All are 1 where none is, and none was found.
 */
export function measureCounts({
  truth,
  predicted,
  shared,
  anyShared,
}: PixelCounts): Record<'dice' | 'iou' | 'classDice', number> {
  const seen = truth.flatMap((count, i) => {
    const both = count + predicted[i]!
    return i === 0 || both === 0 ? [] : [{ both, shared: shared[i]! }]
  })
  if (seen.length === 0) return { dice: 1, iou: 1, classDice: 1 }
  const all = seen.reduce((sum, { both }) => sum + both, 0)
  return {
    dice: (2 * anyShared) / all,
    iou: anyShared / (all - anyShared),
    classDice: seen.reduce((sum, one) => sum + (2 * one.shared) / one.both, 0) / seen.length,
  }
}
