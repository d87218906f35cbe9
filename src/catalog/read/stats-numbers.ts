interface Summary {
  /** Samples with a number; without any, the rest says nothing. */
  count: number
  min: number
  max: number
  mean: number
  /** Of a sample of all there might be (n − 1); null for less than two. */
  deviation: number | null
}

/** Numbers of a column, NaN left out. `places`: the samples that count; null for all. */
export function summarise(column: Float64Array, places: Int32Array | null): Summary {
  const samples = places?.length ?? column.length
  let count = 0
  let min = Infinity
  let max = -Infinity
  let sum = 0
  for (let i = 0; i < samples; i++) {
    const value = column[places === null ? i : places[i]!]!
    if (Number.isNaN(value)) continue
    count++
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  const mean = sum / count
  let squares = 0
  for (let i = 0; i < samples; i++) {
    const away = column[places === null ? i : places[i]!]! - mean
    if (!Number.isNaN(away)) squares += away * away
  }
  return { count, min, max, mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : null }
}

/** Numbers in equal bins from the lowest to the highest, which stands in the last one. */
export function countBins(
  column: Float64Array,
  places: Int32Array | null,
  { min, max }: Pick<Summary, 'min' | 'max'>,
  bins: number,
): Int32Array {
  const counts = new Int32Array(bins)
  if (bins === 0) return counts
  const samples = places?.length ?? column.length
  const span = max - min
  for (let i = 0; i < samples; i++) {
    const value = column[places === null ? i : places[i]!]!
    if (Number.isNaN(value)) continue
    counts[span === 0 ? 0 : Math.min(bins - 1, Math.floor(((value - min) / span) * bins))]!++
  }
  return counts
}

/** How often each number stands in a column, the most frequent first, equal ones rising; null for more than `most` numbers. */
export function countValues(
  column: Float64Array,
  places: Int32Array | null,
  most: number,
): { value: number; count: number }[] | null {
  const values: number[] = []
  const counts: number[] = []
  const samples = places?.length ?? column.length
  for (let i = 0; i < samples; i++) {
    const value = column[places === null ? i : places[i]!]!
    if (Number.isNaN(value)) continue
    // So few are found faster one by one than in a map.
    const at = values.indexOf(value)
    if (at >= 0) counts[at]!++
    else if (values.length === most) return null
    else {
      values.push(value)
      counts.push(1)
    }
  }
  return values.map((value, i) => ({ value, count: counts[i]! })).sort((a, b) => b.count - a.count || a.value - b.value)
}
