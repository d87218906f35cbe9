import type { FoveaError } from '#base'
import { displayWidth } from './table.ts'
import { paint, type Terminal } from './terminal.ts'

/** Tells an error on standard error: in words, or as one line of JSON. Never a stack. */
export function printError(
  terminal: Terminal,
  error: FoveaError,
  options: { json: boolean; query?: string | undefined },
): void {
  if (options.json) {
    terminal.err(`${JSON.stringify({ error: error.toBody() })}\n`)
    return
  }
  terminal.err(`${paint(terminal, 'red', `error ${error.code}`)}: ${error.message}\n`)
  const span = findSpan(error.details)
  if (span !== undefined && options.query !== undefined) terminal.err(`${pointAt(options.query, span)}\n`)
  if (error.hint !== undefined) terminal.err(`${paint(terminal, 'bold', 'hint')}: ${error.hint}\n`)
}

interface Span {
  start: number
  end: number
}

/** The first place in the query that the details of an error name. */
function findSpan(details: unknown): Span | undefined {
  if (typeof details !== 'object' || details === null) return undefined
  if (Array.isArray(details)) return details.map(findSpan).find((span) => span !== undefined)
  const { span, problems } = details as { span?: Partial<Span>; problems?: unknown }
  if (typeof span?.start === 'number' && typeof span.end === 'number') return { start: span.start, end: span.end }
  return findSpan(problems)
}

/** The line of the query that holds the span, with carets under it. */
export function pointAt(query: string, span: Span): string {
  const lineStart = query.lastIndexOf('\n', span.start - 1) + 1
  const newline = query.indexOf('\n', lineStart)
  const lineEnd = newline < 0 ? query.length : newline
  const line = query.slice(lineStart, lineEnd).replaceAll('\t', ' ')
  const before = displayWidth(line.slice(0, span.start - lineStart))
  const marked = displayWidth(line.slice(span.start - lineStart, Math.min(span.end, lineEnd) - lineStart))
  return `  ${line}\n  ${' '.repeat(before)}${'^'.repeat(Math.max(1, marked))}`
}
