import { calibrateJoint, closeEnough, countClasses, countConfident, findThresholds } from './joint.ts'
import type { Probabilities } from './probabilities.ts'
import { scoreGiven } from './quality.ts'

/** Ways to say which labels are wrong, as cleanlab `find_label_issues` has them, and plain disagreement. */
export const pruneMethods = [
  'noise-rate',
  'class',
  'both',
  'confident-learning',
  'low-margin',
  'low-self-confidence',
  'disagreement',
] as const
export type PruneMethod = (typeof pruneMethods)[number]

export interface ConfidentLearning {
  thresholds: Float64Array
  /** [K × K], given class by class it is confidently of; as counted, and scaled to all examples. */
  joint: Float64Array
  calibrated: Int32Array
  /** Errors there are by the counts: those confidently of another class, and that scaled to all examples. */
  confidentErrors: number
  estimatedErrors: number
  /** Flags by a method: 1 where the label is held for wrong. */
  flag(method: PruneMethod): Uint8Array
}

/**
 * Confident learning (Northcutt, Jiang & Chuang 2021) as cleanlab does it: from out-of-sample probabilities [n × K] and given classes,
 * how many labels of each class are wrong and which. Inputs have to be checked (checkProbabilities).
 */
export function learnConfidently(probabilities: Probabilities, given: Int32Array): ConfidentLearning {
  const { columns } = probabilities
  const thresholds = findThresholds(probabilities, given)
  const { counts, guess } = countConfident(probabilities, given, thresholds)
  const classCounts = countClasses(given, columns)
  const calibrated = calibrateJoint(counts, classCounts)
  const agrees = markAgreement(probabilities, given)
  const confident = guess.reduce((sum, j, row) => sum + (j >= 0 && j !== given[row] ? 1 : 0), 0)
  const flagConfident = (): Uint8Array => Uint8Array.from(guess, (j, row) => (j >= 0 && j !== given[row] ? 1 : 0))
  const pruneCounts = (): Int32Array => keepOneOfEach(calibrated, columns)
  const members = (): Int32Array[] => listMembers(given, classCounts)
  const choose = (method: PruneMethod): Uint8Array => {
    switch (method) {
      case 'noise-rate':
        return pruneByNoiseRate(probabilities, members(), pruneCounts())
      case 'class':
        return pruneByClass(probabilities, members(), pruneCounts())
      case 'both': {
        const byClass = pruneByClass(probabilities, members(), pruneCounts())
        return pruneByNoiseRate(probabilities, members(), pruneCounts()).map((one, row) => one & byClass[row]!)
      }
      case 'confident-learning':
        return flagConfident()
      case 'disagreement':
        return new Uint8Array(probabilities.rows).fill(1)
      case 'low-margin':
      case 'low-self-confidence': {
        const scores = scoreGiven(probabilities, given, method === 'low-margin' ? 'margin' : 'self-confidence')
        const count = flagConfident().reduce((sum, one, row) => sum + (one === 1 && agrees[row] === 0 ? 1 : 0), 0)
        const flags = new Uint8Array(probabilities.rows)
        for (const row of lowest(Int32Array.from(scores.keys()), scores, count)) flags[row] = 1
        return flags
      }
    }
  }
  return {
    thresholds,
    joint: counts,
    calibrated,
    confidentErrors: confident,
    estimatedErrors: sumOffDiagonal(calibrated, columns),
    flag(method) {
      const flags = choose(method)
      if (method.startsWith('low-')) return flags
      return flags.map((one, row) => (agrees[row] === 1 ? 0 : one))
    },
  }
}

/** 1 where the given class is the most probable, or as good as. */
function markAgreement({ rows, columns, data }: Probabilities, given: Int32Array): Uint8Array {
  const agrees = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) {
    const k = given[row]!
    const own = data[row * columns + k]! + closeEnough
    let best = true
    for (let j = 0; j < columns && best; j++) {
      const p = data[row * columns + j]!
      // Of equal ones the first counts as the most probable.
      if (j !== k && (p > own || (p === own && j < k))) best = false
    }
    agrees[row] = best ? 1 : 0
  }
  return agrees
}

/** Raises the diagonal to 1 and takes that evenly from the other counts of the class, so that no class loses all its examples. */
function keepOneOfEach(calibrated: Int32Array, columns: number): Int32Array {
  const kept = calibrated.slice()
  for (let k = 0; k < columns; k++) {
    const row = calibrated.subarray(k * columns, (k + 1) * columns)
    if (row[k]! >= 1) continue
    const others = Math.max(1, row.reduce((sum, count) => sum + (count === 0 ? 0 : 1), 0) - 1)
    for (let j = 0; j < columns; j++) kept[k * columns + j] = Math.trunc(Math.max(0, row[j]! - 1 / others))
    kept[k * columns + k] = 1
  }
  return kept
}

function listMembers(given: Int32Array, classCounts: Int32Array): Int32Array[] {
  const members = Array.from(classCounts, (count) => new Int32Array(count))
  const filled = new Int32Array(classCounts.length)
  given.forEach((k, row) => (members[k]![filled[k]!++] = row))
  return members
}

/** Per given class k and other class j: the counts[k][j] examples with the highest p(j) − p(k). */
function pruneByNoiseRate(
  { rows, columns, data }: Probabilities,
  members: Int32Array[],
  counts: Int32Array,
): Uint8Array {
  const flags = new Uint8Array(rows)
  const margins = new Float64Array(rows)
  members.forEach((own, k) => {
    if (own.length <= 1) return
    for (let j = 0; j < columns; j++) {
      const count = counts[k * columns + j]!
      if (j === k || count <= 0) continue
      for (const row of own) margins[row] = data[row * columns + k]! - data[row * columns + j]!
      for (const row of lowest(own, margins, count)) flags[row] = 1
    }
  })
  return flags
}

/** Per given class k: the examples with the lowest p(k), as many as are not on the diagonal. */
function pruneByClass({ rows, columns, data }: Probabilities, members: Int32Array[], counts: Int32Array): Uint8Array {
  const flags = new Uint8Array(rows)
  const own = new Float64Array(rows)
  members.forEach((rowsOf, k) => {
    const count = rowsOf.length - counts[k * columns + k]!
    if (rowsOf.length <= 1 || count < 1) return
    for (const row of rowsOf) own[row] = data[row * columns + k]!
    for (const row of lowest(rowsOf, own, count)) flags[row] = 1
  })
  return flags
}

/** The `count` rows with the lowest keys; of equal ones the earlier. */
function lowest(rows: Int32Array, keys: Float64Array, count: number): Int32Array {
  if (count >= rows.length) return rows
  const values = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) values[i] = keys[rows[i]!]!
  const bound = selectNth(values, count - 1)
  // All below the bound are in; of those on it the earliest fill up.
  let onBound = count
  for (const row of rows) if (keys[row]! < bound) onBound--
  return rows.filter((row) => keys[row]! < bound || (keys[row] === bound && onBound-- > 0))
}

/** The value that would stand at `nth` if the values were sorted (Hoare's selection); reorders them. */
function selectNth(values: Float64Array, nth: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let left = low
    let right = high
    while (left <= right) {
      while (values[left]! < pivot) left++
      while (values[right]! > pivot) right--
      if (left > right) break
      const moved = values[left]!
      values[left++] = values[right]!
      values[right--] = moved
    }
    if (nth <= right) high = right
    else if (nth >= left) low = left
    else break
  }
  return values[nth]!
}

function sumOffDiagonal(matrix: Int32Array, columns: number): number {
  return matrix.reduce((sum, count, at) => sum + (Math.floor(at / columns) === at % columns ? 0 : count), 0)
}
