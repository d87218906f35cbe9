import type { FieldColumn, Frame } from '../api/client.ts'

/** Counts of pairs: `counts[row][column]`. */
export interface CrossTable {
  rows: string[]
  columns: string[]
  counts: number[][]
}

const missing = '(none)'

/** Values of a column by sample. */
function indexColumn({ ids, values }: FieldColumn): Map<number, number> {
  const byId = new Map<number, number>()
  ids.forEach((id, i) => byId.set(id, values[i]!))
  return byId
}

/** How many samples of a frame have each pair of names. Rows and columns without samples are left out. */
export function crossNames(frame: Frame, a: FieldColumn, b: FieldColumn): CrossTable {
  const [left, right] = [indexColumn(a), indexColumn(b)]
  const nameOf = (column: FieldColumn, value: number | undefined): string =>
    value === undefined || value < 0 ? missing : (column.names?.[value] ?? missing)
  const counts = new Map<string, Map<string, number>>()
  const columns = new Map<string, number>()
  for (const id of frame.ids) {
    const row = nameOf(a, left.get(id))
    const column = nameOf(b, right.get(id))
    const own = counts.get(row) ?? new Map<string, number>()
    counts.set(row, own.set(column, (own.get(column) ?? 0) + 1))
    columns.set(column, (columns.get(column) ?? 0) + 1)
  }
  const sum = (row: string): number => [...counts.get(row)!.values()].reduce((total, count) => total + count, 0)
  const rows = [...counts.keys()].toSorted((x, y) => sum(y) - sum(x))
  const names = [...columns.keys()].toSorted((x, y) => columns.get(y)! - columns.get(x)!)
  return { rows, columns: names, counts: rows.map((row) => names.map((column) => counts.get(row)!.get(column) ?? 0)) }
}

/** Counts in a grid of bins over two numbers. */
export interface NumberGrid {
  x: { low: number; high: number }
  y: { low: number; high: number }
  bins: number
  /** Row by row from the lowest y. */
  counts: Uint32Array
  /** Samples with both numbers. */
  count: number
}

export function crossNumbers(frame: Frame, a: FieldColumn, b: FieldColumn, bins: number): NumberGrid {
  const [left, right] = [indexColumn(a), indexColumn(b)]
  const pairs: [number, number][] = []
  for (const id of frame.ids) {
    const [x, y] = [left.get(id), right.get(id)]
    if (x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y)) pairs.push([x, y])
  }
  const range = (at: 0 | 1): { low: number; high: number } => {
    let low = Infinity
    let high = -Infinity
    for (const pair of pairs) {
      low = Math.min(low, pair[at])
      high = Math.max(high, pair[at])
    }
    return pairs.length === 0 ? { low: 0, high: 1 } : { low, high: high > low ? high : low + 1 }
  }
  const [x, y] = [range(0), range(1)]
  const counts = new Uint32Array(bins * bins)
  const binOf = (value: number, { low, high }: { low: number; high: number }): number =>
    Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))
  for (const [px, py] of pairs) counts[binOf(py, y) * bins + binOf(px, x)]!++
  return { x, y, bins, counts, count: pairs.length }
}

/** Low and high ends of a bin. */
export function binRange({ low, high }: { low: number; high: number }, bins: number, bin: number): [number, number] {
  const width = (high - low) / bins
  const round = (value: number): number => Number(value.toPrecision(6))
  return [round(low + bin * width), round(low + (bin + 1) * width)]
}

/** RFC 4180. Texts that a spreadsheet would run as a formula are kept from it. */
export function writeCsv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}
