export interface Column<R> {
  title: string
  value: (row: R) => string | number
  /** Numbers stand at the right. */
  right?: boolean
  /** Cut from the left when there is no room (paths), not from the right. */
  keepEnd?: boolean
}

const gap = 2
const minimumWidth = 8

/** An aligned table, its widest columns cut until it fits the width. */
export function formatTable<R>(rows: readonly R[], columns: readonly Column<R>[], maxWidth: number): string {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => formatCell(column.value(row)))),
  ]
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => displayWidth(line[i]!))))
  const total = (): number => widths.reduce((sum, width) => sum + width, 0) + gap * (columns.length - 1)
  while (total() > maxWidth) {
    const widest = widths.indexOf(Math.max(...widths))
    if (widths[widest]! <= minimumWidth) break
    widths[widest] = Math.max(minimumWidth, widths[widest]! - (total() - maxWidth), secondWidest(widths, widest))
    // Equal columns are cut in turns.
    if (total() > maxWidth && secondWidest(widths, widest) === widths[widest]) widths[widest] -= 1
  }
  return cells
    .map((line) =>
      line
        .map((cell, i) => fit(cell, widths[i]!, columns[i]!))
        .join(' '.repeat(gap))
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

function secondWidest(widths: readonly number[], widest: number): number {
  return Math.max(0, ...widths.filter((_, i) => i !== widest))
}

/** Control characters would move the cursor; they are shown as pictures. */
function formatCell(value: string | number): string {
  return (typeof value === 'number' ? value.toLocaleString('en') : value).replace(/[\p{Cc}]/gu, (c) =>
    c.charCodeAt(0) < 32 ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : '\u2421',
  )
}

function fit<R>(text: string, width: number, column: Column<R>): string {
  const cut =
    displayWidth(text) <= width
      ? text
      : column.keepEnd
        ? `…${takeEnd(text, width - 1)}`
        : `${takeStart(text, width - 1)}…`
  const padding = ' '.repeat(Math.max(0, width - displayWidth(cut)))
  return column.right ? padding + cut : cut + padding
}

function takeStart(text: string, width: number): string {
  let taken = ''
  for (const c of text) {
    if (displayWidth(taken + c) > width) break
    taken += c
  }
  return taken
}

function takeEnd(text: string, width: number): string {
  let taken = ''
  for (const c of Array.from(text).toReversed()) {
    if (displayWidth(c + taken) > width) break
    taken = c + taken
  }
  return taken
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Columns a text takes: two for East Asian and emoji characters, none for combining marks. */
export function displayWidth(text: string): number {
  let width = 0
  for (const c of text) width += /\p{M}/u.test(c) ? 0 : wide.test(c) ? 2 : 1
  return width
}
