import { FoveaError } from '#base'

/** Half-open range of UTF-16 units in the query text. */
export interface Span {
  start: number
  end: number
}

/** A fault of a query text. */
export interface QueryFault {
  /** Where, what was expected, what came. */
  message: string
  hint: string | null
  span: Span
  /** What would have been right there, in words. */
  expected: string[]
  /** Names that exist and look like the one that came, nearest first. */
  candidates: string[]
}

/** Limits that keep hostile text from using up stack, memory or the database's planner. */
export const queryLimits = {
  textLength: 20_000,
  nesting: 100,
  listValues: 10_000,
  terms: 1_000,
  /** Terms that look into labels or tags; each becomes a join, and planning grows faster than their number. */
  lookups: 100,
  slicesDeep: 20,
} as const

export interface FaultParts {
  span: Span
  expected: string | string[]
  got: string
  hint?: string | null
  candidates?: readonly string[]
}

/** One wording for every fault: `Expected a number at character 9, got text "abc".` Characters count from 1. */
export function describeFault({ span, expected, got, hint = null, candidates = [] }: FaultParts): QueryFault {
  const list = typeof expected === 'string' ? [expected] : expected
  const nearest = candidates[0] === undefined ? '' : `; the nearest is ${quoteText(candidates[0])}`
  return {
    message: `Expected ${joinChoices(list)} at character ${span.start + 1}, got ${got}${nearest}.`,
    hint,
    span,
    expected: list,
    candidates: [...candidates],
  }
}

/** Fault outside the pattern "expected … got …": too long, too deep, a cycle. */
export function refuse(span: Span, message: string, hint: string): QueryFault {
  return { message, hint, span, expected: [], candidates: [] }
}

export function toError(fault: QueryFault): FoveaError {
  const { span, expected, candidates } = fault
  return new FoveaError('QUERY_INVALID', fault.message, {
    ...(fault.hint === null ? {} : { hint: fault.hint }),
    details: { span, expected, candidates },
  })
}

/** Double-quoted as the query language writes it; cut when long, for messages. */
export function quoteText(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text
  return `"${short.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function joinChoices(list: readonly string[]): string {
  if (list.length < 2) return list[0] ?? 'something else'
  return `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`
}
