import type { Rng } from '#base'

/** Classes 0 … count − 1 of every picture, the true one and the predicted one. */
export interface ClassPairs {
  truth: Int32Array
  predicted: Int32Array
  count: number
}

export interface ClassFigures {
  accuracy: number
  balancedAccuracy: number
  macroF1: number
  weightedF1: number
  perClass: {
    truths: number
    predictions: number
    precision: number | null
    recall: number | null
    f1: number | null
  }[]
  /** [true class][predicted class]. */
  confusion: number[][]
}

/** Pictures by true and predicted class: [true × predicted], row after row. */
export function countPairs({ truth, predicted, count }: ClassPairs): Float64Array {
  const table = new Float64Array(count * count)
  for (let i = 0; i < truth.length; i++) table[truth[i]! * count + predicted[i]!]!++
  return table
}

/**
 * Figures of a classifier, by the definitions of scikit-learn: means go over the classes that are true or predicted somewhere, a
 * precision or recall that divides by nothing counts as 0 in them (and is null by itself); balanced accuracy over the true classes.
 */
export function measureClasses(table: Float64Array, count: number): ClassFigures {
  const truths = new Float64Array(count)
  const predictions = new Float64Array(count)
  let total = 0
  let right = 0
  for (let t = 0; t < count; t++)
    for (let p = 0; p < count; p++) {
      const n = table[t * count + p]!
      truths[t]! += n
      predictions[p]! += n
      total += n
      if (t === p) right += n
    }
  const perClass = Array.from(truths, (own, c) => {
    const hits = table[c * count + c]!
    const found = predictions[c]!
    return {
      truths: own,
      predictions: found,
      precision: found === 0 ? null : hits / found,
      recall: own === 0 ? null : hits / own,
      f1: own + found === 0 ? null : (2 * hits) / (own + found),
    }
  })
  const seen = perClass.filter((one) => one.f1 !== null)
  const known = perClass.filter((one) => one.recall !== null)
  return {
    accuracy: right / total,
    balancedAccuracy: mean(known.map(({ recall }) => recall!)),
    macroF1: mean(seen.map(({ f1 }) => f1!)),
    weightedF1: seen.reduce((sum, { f1, truths: own }) => sum + f1! * own, 0) / total,
    perClass,
    confusion: Array.from({ length: count }, (_, t) => [...table.subarray(t * count, (t + 1) * count)]),
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** 95 % percentile bootstrap over pictures. */
export function bootstrapClasses(
  pairs: ClassPairs,
  rng: Rng,
  rounds = 1_000,
): Record<'accuracy' | 'macroF1', { low: number; high: number }> {
  const { truth, predicted, count } = pairs
  const accuracy = new Float64Array(rounds)
  const macroF1 = new Float64Array(rounds)
  const cells = Int32Array.from(truth, (own, i) => own * count + predicted[i]!)
  const table = new Float64Array(count * count)
  for (let round = 0; round < rounds; round++) {
    table.fill(0)
    for (let i = 0; i < cells.length; i++) table[cells[rng.integer(0, cells.length - 1)]!]!++
    const figures = measureClasses(table, count)
    accuracy[round] = figures.accuracy
    macroF1[round] = figures.macroF1
  }
  return { accuracy: within95(accuracy), macroF1: within95(macroF1) }
}

function within95(values: Float64Array): { low: number; high: number } {
  const sorted = values.toSorted()
  const at = (share: number): number => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    return sorted[below]! + (place - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!)
  }
  return { low: at(0.025), high: at(0.975) }
}

/**
 * Expected calibration error (Naeini et al. 2015): mean gap between score and accuracy over bins of equal width, weighted by how many
 * pictures fall into them; a score on a border belongs to the bin below. Scores in [0, 1].
 */
export function calibrationError(scores: Float64Array, right: Uint8Array, bins = 15): number {
  const [count, hits, sums] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)]
  for (let i = 0; i < scores.length; i++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(scores[i]! * bins) - 1))
    count[bin]!++
    hits[bin]! += right[i]!
    sums[bin]! += scores[i]!
  }
  let error = 0
  for (let bin = 0; bin < bins; bin++) error += Math.abs(hits[bin]! - sums[bin]!)
  return error / scores.length
}

/** Area under the ROC curve: the chance that a positive scores above a negative, ties half; null without both. O(n log n). */
export function rocArea(scores: Float64Array, positive: Uint8Array): number | null {
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  const positives = positive.reduce((sum, one) => sum + one, 0)
  const negatives = positive.length - positives
  if (positives === 0 || negatives === 0) return null
  let ranks = 0
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++
    const rank = (from + 1 + to) / 2
    for (let i = from; i < to; i++) if (positive[order[i]!] === 1) ranks += rank
    from = to
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives)
}
