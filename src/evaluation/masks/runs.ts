import type { MaskGeometry } from '#contract'

/** Covered pixels of a mask, column by column: [start, end) after [start, end), rising and apart. */
export type Runs = Int32Array

/** The covered runs of several masks of one size together. */
export function uniteMasks(masks: readonly MaskGeometry[]): Runs {
  const spans = masks.flatMap(({ counts }) => {
    const own: [number, number][] = []
    let at = 0
    counts.forEach((length, i) => {
      if (i % 2 === 1 && length > 0) own.push([at, at + length])
      at += length
    })
    return own
  })
  spans.sort(([a], [b]) => a - b)
  const runs: number[] = []
  for (const [start, end] of spans) {
    const last = runs.length - 1
    if (last > 0 && start <= runs[last]!) runs[last] = Math.max(runs[last]!, end)
    else runs.push(start, end)
  }
  return Int32Array.from(runs)
}

/** Pixels of runs. */
export function countRuns(runs: Runs): number {
  let pixels = 0
  for (let i = 0; i < runs.length; i += 2) pixels += runs[i + 1]! - runs[i]!
  return pixels
}

/** Pixels that two have in common. O(runs). */
export function countShared(one: Runs, other: Runs): number {
  let shared = 0
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    const overlap = Math.min(one[i + 1]!, other[j + 1]!) - Math.max(one[i]!, other[j]!)
    if (overlap > 0) shared += overlap
    if (one[i + 1]! < other[j + 1]!) i += 2
    else j += 2
  }
  return shared
}
