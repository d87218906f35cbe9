import type { z } from 'zod'
import type { Scalar, stats } from '#contract'
import { formatTable } from './table.ts'

type Stats = z.output<typeof stats.output>
type Field = Stats['fields'][number]

const eighths = ' ▏▎▍▌▋▊▉█'

/** A bar of block characters, in eighths of a column. */
export function formatBar(share: number, columns: number): string {
  const units = Math.round(Math.max(0, Math.min(1, share)) * columns * 8)
  const bar = '█'.repeat(Math.floor(units / 8)) + (units % 8 === 0 ? '' : eighths[units % 8]!)
  // Something that is there is never shown as nothing.
  return bar === '' && share > 0 ? '▏' : bar
}

export function formatStats(output: Stats, columns: number): string {
  const head = `${output.count.toLocaleString('en')} samples\n`
  return (
    head + output.fields.map((field) => `\n${formatField(field, Number.isFinite(columns) ? columns : 100)}`).join('')
  )
}

function formatField(field: Field, columns: number): string {
  const missing = field.missing === 0 ? '' : `, ${field.missing.toLocaleString('en')} without`
  if (field.kind === 'counts') {
    const title = `${field.field}: ${field.distinct.toLocaleString('en')} distinct${missing}`
    return `${title}\n${formatBars(
      field.values.map(({ value, count }) => ({ label: formatScalar(value), count })),
      columns,
    )}`
  }
  const facts = [`${formatScalar(field.min)} … ${formatScalar(field.max)}`]
  if (field.mean !== null) facts.push(`mean ${formatScalar(field.mean)}`)
  if (field.deviation !== null) facts.push(`σ ${formatScalar(field.deviation)}`)
  const rows = field.bins.map(({ from, to, count }) => ({
    label: `${formatScalar(from)} … ${formatScalar(to)}`,
    count,
  }))
  return `${field.field}: ${facts.join(', ')}${missing}\n${formatBars(rows, columns)}`
}

function formatBars(rows: readonly { label: string; count: number }[], columns: number): string {
  if (rows.length === 0) return ''
  const most = Math.max(...rows.map((row) => row.count), 1)
  const labels = Math.min(40, Math.max(...rows.map((row) => row.label.length)))
  const counts = most.toLocaleString('en').length
  const room = Math.max(5, Math.min(50, columns - labels - counts - 6))
  const lines = formatTable(
    rows,
    [
      { title: '', value: (row) => `  ${row.label}` },
      { title: '', value: (row) => row.count, right: true },
      { title: '', value: (row) => formatBar(row.count / most, room) },
    ],
    columns,
  )
  return lines.slice(lines.indexOf('\n') + 1)
}

export function formatScalar(value: Scalar): string {
  if (value === null) return '(none)'
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(4)))
  return String(value)
}
