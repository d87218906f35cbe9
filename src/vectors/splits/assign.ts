import { FoveaError, type Rng } from '#base'

export interface SplitRatio {
  name: string
  /** Above 0; all of them sum to 1. */
  share: number
}

export interface SplitRequest {
  rows: number
  ratios: readonly SplitRatio[]
  /** Group of every row, kept whole; −1 for a row that is alone. */
  groups?: Int32Array
  /** What every split is to have its share of; rows without one are a stratum of their own. */
  strata?: readonly (string | undefined)[]
  rng: Rng
}

export interface SplitReport {
  splits: {
    name: string
    wanted: number
    /** Of all rows. */
    share: number
    count: number
    /** Groups of two and more rows. */
    groups: number
    /** Rows of each stratum. */
    strata: Record<string, number>
  }[]
  /** What could not be met, for people. */
  notes: string[]
}

/** Rows that stay together, by how many they have of each stratum. */
interface Unit {
  rows: number[]
  strata: Map<number, number>
}

const noStratum = '(none)'

/**
 * Gives every row one split so that no group is divided and every stratum keeps its shares as nearly as its groups allow. Groups of
 * two and more go first, the largest first, each to the split that is then nearest to its wish over all strata (Sechidis et al.
 * 2011, "On the stratification of multi-label data", on whole groups as in scikit-learn's StratifiedGroupKFold); single rows
 * then fill up every stratum to its shares by largest remainders. The same seed gives the same splits.
 */
export function assignSplits({ rows, ratios, groups, strata, rng }: SplitRequest): {
  /** Index into the ratios. */
  split: Int32Array
  report: SplitReport
} {
  if (ratios.length === 0) throw new FoveaError('INPUT_INVALID', 'Expected at least one split.')
  const { names, of } = numberStrata(rows, strata)
  const { units, singles } = gatherUnits(rows, groups, of)
  const split = new Int32Array(rows).fill(-1)
  const totals = new Float64Array(names.length)
  for (const stratum of of) totals[stratum]!++
  // counts[s][l]: rows of stratum l that split s has.
  const counts = ratios.map(() => new Float64Array(names.length))
  const sizes = new Float64Array(ratios.length)
  const wholeGroups = new Int32Array(ratios.length)

  const order = rng.shuffle(units).toSorted((a, b) => b.rows.length - a.rows.length)
  for (const unit of order) {
    const chosen = chooseSplit(unit, ratios, counts, sizes, totals, rows)
    for (const row of unit.rows) split[row] = chosen
    for (const [stratum, count] of unit.strata) counts[chosen]![stratum]! += count
    sizes[chosen]! += unit.rows.length
    wholeGroups[chosen]!++
  }
  fillSingles({ singles: rng.shuffle(singles), of, ratios, counts, sizes, totals, split })

  const report = {
    splits: ratios.map(({ name, share }, s) => ({
      name,
      wanted: share,
      share: rows === 0 ? 0 : sizes[s]! / rows,
      count: sizes[s]!,
      groups: wholeGroups[s]!,
      strata: Object.fromEntries(names.map((stratum, l) => [stratum, counts[s]![l]!])),
    })),
    notes: noteMisses(ratios, names, counts, sizes, totals, rows),
  }
  return { split, report }
}

function numberStrata(rows: number, strata: SplitRequest['strata']): { names: string[]; of: Int32Array } {
  const numbers = new Map<string, number>()
  const of = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const name = strata === undefined ? 'all' : (strata[row] ?? noStratum)
    let number = numbers.get(name)
    if (number === undefined) numbers.set(name, (number = numbers.size))
    of[row] = number
  }
  return { names: [...numbers.keys()], of }
}

function gatherUnits(
  rows: number,
  groups: Int32Array | undefined,
  of: Int32Array,
): { units: Unit[]; singles: number[] } {
  const members = new Map<number, number[]>()
  const singles: number[] = []
  for (let row = 0; row < rows; row++) {
    const group = groups?.[row] ?? -1
    const own = members.get(group)
    if (group < 0) singles.push(row)
    else if (own === undefined) members.set(group, [row])
    else own.push(row)
  }
  const units: Unit[] = []
  for (const own of members.values()) {
    if (own.length === 1) singles.push(own[0]!)
    else units.push({ rows: own, strata: countStrata(own, of) })
  }
  return { units, singles: singles.toSorted((a, b) => a - b) }
}

function countStrata(rows: readonly number[], of: Int32Array): Map<number, number> {
  const counts = new Map<number, number>()
  for (const row of rows) counts.set(of[row]!, (counts.get(of[row]!) ?? 0) + 1)
  return counts
}

/** The split whose shares of the unit's strata, and of all rows, are then least overdrawn. */
function chooseSplit(
  unit: Unit,
  ratios: readonly SplitRatio[],
  counts: readonly Float64Array[],
  sizes: Float64Array,
  totals: Float64Array,
  rows: number,
): number {
  let best = 0
  let least = Infinity
  for (let s = 0; s < ratios.length; s++) {
    const { share } = ratios[s]!
    let cost = (sizes[s]! + unit.rows.length) / (share * rows)
    for (const [stratum, count] of unit.strata)
      cost += (count / unit.rows.length) * ((counts[s]![stratum]! + count) / (share * totals[stratum]!))
    if (cost < least) {
      least = cost
      best = s
    }
  }
  return best
}

/** Gives the single rows of each stratum out so that its counts come to its shares, rounded by what each split still lacks. */
function fillSingles(given: {
  singles: readonly number[]
  of: Int32Array
  ratios: readonly SplitRatio[]
  counts: readonly Float64Array[]
  sizes: Float64Array
  totals: Float64Array
  split: Int32Array
}): void {
  const { singles, of, ratios, counts, sizes, totals, split } = given
  const byStratum = new Map<number, number[]>()
  for (const row of singles) {
    const own = byStratum.get(of[row]!)
    if (own === undefined) byStratum.set(of[row]!, [row])
    else own.push(row)
  }
  const strata = [...byStratum].toSorted(([a, x], [b, y]) => y.length - x.length || a - b)
  // Wishes are of the rows given out so far, so that what rounding takes from a split comes back to it with the next stratum.
  let done = sizes.reduce((sum, size) => sum + size, 0)
  for (const [stratum, own] of strata) {
    done += own.length
    const quotas = shareOut(
      own.length,
      ratios.map(({ share }, s) => Math.max(0, share * totals[stratum]! - counts[s]![stratum]!)),
      ratios.map(({ share }, s) => share * done - sizes[s]!),
    )
    let at = 0
    quotas.forEach((quota, s) => {
      for (let i = 0; i < quota; i++) split[own[at++]!] = s
      counts[s]![stratum]! += quota
      sizes[s]! += quota
    })
  }
}

/** Whole numbers that sum to `count` and follow the wishes; what rounding leaves goes where most is lacking. */
function shareOut(count: number, wishes: readonly number[], lacks: readonly number[]): number[] {
  const sum = wishes.reduce((total, wish) => total + wish, 0)
  const exact = wishes.map((wish) => (sum === 0 ? count / wishes.length : (count * wish) / sum))
  const quotas = exact.map((one) => Math.floor(one + 1e-9))
  for (let left = count - quotas.reduce((total, one) => total + one, 0); left > 0; left--) {
    // One at most for each split, or a stratum would pay for what others lack.
    const open = [...quotas.keys()].filter((s) => quotas[s]! <= exact[s]!)
    const next =
      open.toSorted((a, b) => lacks[b]! - quotas[b]! - (lacks[a]! - quotas[a]!) || exact[b]! - exact[a]!)[0] ?? 0
    quotas[next]!++
  }
  return quotas
}

/** Says where a wish was missed by more than two rows and a twentieth of it, and which strata a split has none of. */
function noteMisses(
  ratios: readonly SplitRatio[],
  names: readonly string[],
  counts: readonly Float64Array[],
  sizes: Float64Array,
  totals: Float64Array,
  rows: number,
): string[] {
  const notes: string[] = []
  ratios.forEach(({ name, share }, s) => {
    const wanted = share * rows
    if (Math.abs(sizes[s]! - wanted) > Math.max(2, wanted / 20))
      notes.push(
        `${name} has ${sizes[s]} samples, wanted ${Math.round(wanted)}: groups that stay together are too large to fit.`,
      )
    const none = names.filter((_, l) => counts[s]![l] === 0 && totals[l]! > 0)
    if (none.length > 0)
      notes.push(
        `${name} has no sample of ${none.slice(0, 5).join(', ')}${none.length > 5 ? ` and ${none.length - 5} more` : ''}: too few groups to go round.`,
      )
  })
  return notes
}
