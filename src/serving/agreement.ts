import type { Prediction } from '#models'

/**
 * How far two answers to one picture say the same, 0 to 1: the same best class, the same side of the threshold, the share of pixels
 * of the same class. Null for tasks without such a measure, and for answers of different tasks.
 */
export function measureAgreement(a: Prediction, b: Prediction): number | null {
  if (a.anomaly !== undefined && b.anomaly !== undefined)
    return Number(a.anomaly.score >= a.anomaly.threshold === b.anomaly.score >= b.anomaly.threshold)
  if (a.mask !== undefined && b.mask !== undefined) {
    const [x, y] = [a.mask, b.mask]
    if (x.data.length !== y.data.length || x.data.length === 0) return null
    const meaning = x.classes.map((name) => y.classes.indexOf(name) + 1)
    let same = 0
    for (let i = 0; i < x.data.length; i++) {
      const own = x.data[i]!
      if ((own === 0 ? 0 : meaning[own - 1]! || -1) === y.data[i]) same++
    }
    return same / x.data.length
  }
  const [bestA, bestB] = [a.classes?.[0], b.classes?.[0]]
  return bestA === undefined || bestB === undefined ? null : Number(bestA.class === bestB.class)
}
