/**
 * Two-sample Kolmogorov-Smirnov statistic: greatest difference of the empirical distribution functions, 0 to 1. NaN counts as
 * missing. NaN where either has no value. O(n log n). Agrees with scipy.stats.ks_2samp.
 */
export function measureKs(first: Float64Array, second: Float64Array): number {
  const a = first.filter((value) => !Number.isNaN(value)).sort()
  const b = second.filter((value) => !Number.isNaN(value)).sort()
  if (a.length === 0 || b.length === 0) return Number.NaN
  let i = 0
  let j = 0
  let greatest = 0
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!)
    while (i < a.length && a[i]! <= value) i++
    while (j < b.length && b[j]! <= value) j++
    greatest = Math.max(greatest, Math.abs(i / a.length - j / b.length))
  }
  return greatest
}

/**
 * Cramér's V of a contingency table, 0 (independent) to 1: √(χ² / n / (min(rows, columns) − 1)), without corrections, as
 * scipy.stats.contingency.association(method="cramer"). Empty rows and columns do not count; NaN where fewer than two of either are left.
 */
export function measureCramersV(table: readonly (readonly number[])[]): number {
  const rowSums = table.map((row) => row.reduce((sum, n) => sum + n, 0))
  const columns = table[0]?.length ?? 0
  const columnSums = Array.from({ length: columns }, (_, c) => table.reduce((sum, row) => sum + row[c]!, 0))
  const rowsLeft = rowSums.filter((sum) => sum > 0).length
  const columnsLeft = columnSums.filter((sum) => sum > 0).length
  const least = Math.min(rowsLeft, columnsLeft)
  if (least < 2) return Number.NaN
  const total = rowSums.reduce((sum, n) => sum + n, 0)
  let chiSquare = 0
  table.forEach((row, r) =>
    row.forEach((n, c) => {
      const expected = (rowSums[r]! * columnSums[c]!) / total
      if (expected > 0) chiSquare += (n - expected) ** 2 / expected
    }),
  )
  return Math.sqrt(chiSquare / total / (least - 1))
}
