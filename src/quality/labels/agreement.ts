/** Votes, [samples × annotators]: the class, −1 where the annotator gave none: that of annotator a on sample s is `data[s * annotators + a]`. */
export interface Votes {
  samples: number
  annotators: number
  classes: number
  data: Int32Array
}

/**
 * Cohen's κ (1960) of two annotators on what both voted on: (p₀ − pₑ) / (1 − pₑ). `agreement` is p₀. NaN for κ where both always gave one and the
 * same class, and for both where they have nothing in common.
 */
export function measurePair(
  { samples, annotators, classes, data }: Votes,
  a: number,
  b: number,
): { both: number; agreement: number; kappa: number } {
  const ofA = new Float64Array(classes)
  const ofB = new Float64Array(classes)
  let both = 0
  let same = 0
  for (let s = 0; s < samples; s++) {
    const left = data[s * annotators + a]!
    const right = data[s * annotators + b]!
    if (left < 0 || right < 0) continue
    both++
    if (left === right) same++
    ofA[left]!++
    ofB[right]!++
  }
  const agreement = same / both
  const chance = ofA.reduce((sum, count, k) => sum + (count / both) * (ofB[k]! / both), 0)
  return { both, agreement, kappa: chance === 1 ? Number.NaN : (agreement - chance) / (1 - chance) }
}

/** Fleiss' κ (1971). NaN unless every sample has the same number of votes, at least two, and more than one class was given. */
export function measureFleiss(votes: Votes): number {
  const counts = countVotes(votes)
  const { samples, classes } = votes
  const each = sumRow(counts, 0, classes)
  if (samples === 0 || each < 2) return Number.NaN
  const shares = new Float64Array(classes)
  let agreement = 0
  for (let s = 0; s < samples; s++) {
    if (sumRow(counts, s, classes) !== each) return Number.NaN
    let squares = 0
    for (let k = 0; k < classes; k++) {
      const count = counts[s * classes + k]!
      squares += count * count
      shares[k]! += count / (samples * each)
    }
    agreement += (squares - each) / (each * (each - 1)) / samples
  }
  const chance = shares.reduce((sum, share) => sum + share * share, 0)
  return chance >= 1 ? Number.NaN : (agreement - chance) / (1 - chance)
}

/**
 * Krippendorff's α (2011) of values [samples × annotators], NaN where there is none: 1 − observed / expected difference of pairs within samples and
 * of all pairs. Nominal: values differ or do not; interval: squares of differences. NaN where no sample has two values or all are the same.
 */
export function measureAlpha(
  { samples, annotators, data }: { samples: number; annotators: number; data: ArrayLike<number> },
  level: 'nominal' | 'interval',
): number {
  const values = new Map<number, number>()
  const distance = (a: number, b: number): number => (level === 'interval' ? (a - b) ** 2 : a === b ? 0 : 1)
  let observed = 0
  let pairable = 0
  for (let s = 0; s < samples; s++) {
    const own: number[] = []
    for (let a = 0; a < annotators; a++) {
      const value = data[s * annotators + a]!
      if (!Number.isNaN(value)) own.push(value)
    }
    if (own.length < 2) continue
    pairable += own.length
    for (const value of own) values.set(value, (values.get(value) ?? 0) + 1)
    for (const [i, one] of own.entries())
      for (const other of own.slice(i + 1)) observed += (2 * distance(one, other)) / (own.length - 1)
  }
  let expected = 0
  if (level === 'interval') {
    // Σ n·m·(a − b)² over all pairs is 2·(N·Σa² − (Σa)²).
    let sum = 0
    let squares = 0
    for (const [value, count] of values) {
      sum += count * value
      squares += count * value * value
    }
    expected = 2 * (pairable * squares - sum * sum)
  } else {
    let squares = 0
    for (const count of values.values()) squares += count * count
    expected = pairable * pairable - squares
  }
  if (values.size < 2) return Number.NaN
  return 1 - ((pairable - 1) * observed) / expected
}

/** How many votes each class has, [samples × classes]. */
export function countVotes({ samples, annotators, classes, data }: Votes): Int32Array {
  const counts = new Int32Array(samples * classes)
  for (let s = 0; s < samples; s++)
    for (let a = 0; a < annotators; a++) {
      const k = data[s * annotators + a]!
      if (k >= 0) counts[s * classes + k]!++
    }
  return counts
}

function sumRow(counts: Int32Array, row: number, classes: number): number {
  let sum = 0
  for (let at = row * classes; at < (row + 1) * classes; at++) sum += counts[at] ?? 0
  return sum
}
