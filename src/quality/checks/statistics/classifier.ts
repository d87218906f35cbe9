import { setImmediate } from 'node:timers/promises'
import { createRng, throwIfAborted } from '#base'

/** Standardised features and their squares, row by row, so that a linear rule sees shifts of mean and of spread. */
function expand(columns: readonly Float64Array[], rows: number): { width: number; data: Float64Array } {
  const kept = columns.flatMap((column) => {
    const present = column.filter((value) => !Number.isNaN(value))
    if (present.length === 0) return []
    const mean = present.reduce((sum, value) => sum + value, 0) / present.length
    const variance = present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length
    // Values that are missing stand at the mean and say nothing.
    return variance > 0 ? [column.map((value) => (Number.isNaN(value) ? 0 : (value - mean) / Math.sqrt(variance)))] : []
  })
  const width = kept.length * 2 + 1
  const data = new Float64Array(rows * width)
  for (let r = 0; r < rows; r++) {
    data[r * width] = 1
    kept.forEach((column, c) => {
      // Far values would drown all others in the squares.
      const value = Math.max(-5, Math.min(5, column[r]!))
      data[r * width + 1 + 2 * c] = value
      data[r * width + 2 + 2 * c] = (value * value - 1) / 2
    })
  }
  return { width, data }
}

/** Solves A x = b for a positive definite A of order n, in place (Cholesky). */
function solve(a: Float64Array, b: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / a[j * n + j]!
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i]! -= a[i * n + k]! * b[k]!
    b[i]! /= a[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i]! -= a[k * n + i]! * b[k]!
    b[i]! /= a[i * n + i]!
  }
}

const rounds = 12
/** Weight of the squared length of the rule, as C = 1 of scikit-learn. */
const ridge = 1

/** Logistic regression by Newton's method on the rows whose fold is not `out`. */
async function fit(
  data: Float64Array,
  width: number,
  target: Uint8Array,
  fold: Uint8Array,
  out: number,
  signal: AbortSignal,
): Promise<Float64Array> {
  const weights = new Float64Array(width)
  for (let round = 0; round < rounds; round++) {
    // A round takes some ten milliseconds; others have their turn between two.
    await setImmediate()
    throwIfAborted(signal)
    const hessian = new Float64Array(width * width)
    const step = new Float64Array(width)
    for (let r = 0; r < target.length; r++) {
      if (fold[r] === out) continue
      const at = r * width
      let sum = 0
      for (let c = 0; c < width; c++) sum += weights[c]! * data[at + c]!
      const p = 1 / (1 + Math.exp(-sum))
      const weight = p * (1 - p)
      for (let c = 0; c < width; c++) {
        const value = data[at + c]!
        step[c]! += (target[r]! - p) * value
        const scaled = weight * value
        for (let k = 0; k <= c; k++) hessian[c * width + k]! += scaled * data[at + k]!
      }
    }
    for (let c = 1; c < width; c++) {
      step[c]! -= ridge * weights[c]!
      hessian[c * width + c]! += ridge
    }
    solve(hessian, step, width)
    let moved = 0
    for (let c = 0; c < width; c++) {
      weights[c]! += step[c]!
      moved = Math.max(moved, Math.abs(step[c]!))
    }
    if (moved < 1e-8) break
  }
  return weights
}

/** Area under the ROC curve by ranks, ties counted half (Mann-Whitney). 0.5 where either side is empty. */
export function measureAuc(scores: ArrayLike<number>, target: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  let rankSum = 0
  let positives = 0
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++
    const rank = (from + to + 1) / 2
    for (let i = from; i < to; i++) {
      if (target[order[i]!] !== 1) continue
      rankSum += rank
      positives++
    }
    from = to
  }
  const negatives = order.length - positives
  if (positives === 0 || negatives === 0) return 0.5
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/**
 * How well a classifier tells two sets of rows apart by some columns (NaN where missing): logistic regression on standardised columns and
 * their squares, AUC over predictions for rows it did not learn from, in `folds` parts. 0.5 means not at all.
 * `alone` is |2·AUC − 1| of every column by itself. Deterministic. Throws CANCELLED.
 */
export async function tellApart(
  first: readonly Float64Array[],
  second: readonly Float64Array[],
  folds: number,
  signal: AbortSignal,
): Promise<{ auc: number; alone: number[] }> {
  const [n, m] = [first[0]?.length ?? 0, second[0]?.length ?? 0]
  const columns = first.map((column, i) => {
    const both = new Float64Array(n + m)
    both.set(column)
    both.set(second[i]!, n)
    return both
  })
  const { width, data } = expand(columns, n + m)
  const target = Uint8Array.from({ length: n + m }, (_, r) => (r < n ? 0 : 1))
  const rng = createRng('domain classifier')
  // Each part holds its share of both sets.
  const fold = new Uint8Array(n + m)
  for (const [from, size] of [
    [0, n],
    [n, m],
  ] as const)
    rng.shuffle(Array.from({ length: size }, (_, i) => from + i)).forEach((row, i) => (fold[row] = i % folds))
  const scores = new Float64Array(n + m)
  for (let out = 0; out < folds; out++) {
    const weights = await fit(data, width, target, fold, out, signal)
    for (let r = 0; r < n + m; r++) {
      if (fold[r] !== out) continue
      let sum = 0
      for (let c = 0; c < width; c++) sum += weights[c]! * data[r * width + c]!
      scores[r] = sum
    }
  }
  return { auc: measureAuc(scores, target), alone: columns.map((column) => tellAlone(column, n)) }
}

/** How far one column alone tells the sets apart: |2·AUC − 1|. */
function tellAlone(column: Float64Array, first: number): number {
  const rows = [...column.keys()].filter((row) => !Number.isNaN(column[row]!))
  const auc = measureAuc(
    rows.map((row) => column[row]!),
    rows.map((row) => (row < first ? 0 : 1)),
  )
  return Math.abs(2 * auc - 1)
}
