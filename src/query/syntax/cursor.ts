import { FoveaError } from '#base'
import {
  describeFault,
  queryLimits,
  quoteText,
  refuse,
  toError,
  type FaultParts,
  type QueryFault,
  type Span,
} from '../problem.ts'
import type { Expectation, ScopeKind } from './expectation.ts'
import type { Token } from './lexer.ts'

/** The parser's hold on the token list: where it is, how deep, what it found wrong, and what could come at the end. */
export interface Cursor {
  peek(ahead?: number): Token
  next(): Token
  isSymbol(text: string, ahead?: number): boolean
  isKeyword(word: string, ahead?: number): boolean
  /** Consumes the keyword if it is there. */
  takeKeyword(word: string): boolean
  /** Consumes the symbol or throws. */
  takeSymbol(text: string): Token
  /** Notes what may stand here, if here is the end of the text. */
  want(expectation: Expectation): void
  /** The fault "expected …, got the token here", to be thrown. */
  unexpected(expected: FaultParts['expected'], hint?: string): FoveaError
  /** Runs `work` one level deeper; too deep ends the parse. */
  nested<T>(scope: ScopeKind, work: () => T): T
  /** Runs `work`; a fault in it is noted, and parsing goes on after the broken term with what `recover` makes of its span. */
  guard<T>(work: () => T, recover: (span: Span) => T): T
  note(fault: QueryFault): void
  spanFrom(start: Span): Span
  readonly scope: ScopeKind
  readonly faults: readonly QueryFault[]
  readonly expectations: readonly Expectation[]
}

export function createCursor(tokens: readonly Token[]): Cursor {
  const faults: QueryFault[] = []
  const expectations: Expectation[] = []
  let at = 0
  let depth = 0
  let halted = false
  let scope: ScopeKind = 'sample'
  const last = tokens.length - 1
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, last)]!
  const next = (): Token => {
    const token = peek()
    if (at < last) at++
    return token
  }
  const isSymbol = (text: string, ahead = 0): boolean => peek(ahead).kind === 'symbol' && peek(ahead).text === text
  const isKeyword = (word: string, ahead = 0): boolean =>
    peek(ahead).kind === 'word' && peek(ahead).text.toLowerCase() === word
  const unexpected = (expected: FaultParts['expected'], hint?: string): FoveaError =>
    toError(describeFault({ span: peek().span, expected, got: describeToken(peek()), hint: hint ?? null }))
  const note = (fault: QueryFault): void => {
    if (!halted) faults.push(fault)
  }
  const halt = (fault: QueryFault): void => {
    note(fault)
    halted = true
    at = last
  }

  /** To the next connective or closing bracket of the level the broken term stands on. */
  const skipTerm = (): void => {
    let open = 0
    while (at < last) {
      if (isSymbol('(') || isSymbol('[')) open++
      else if (isSymbol(')') || isSymbol(']')) {
        if (open === 0) return
        open--
      } else if (open === 0 && ['and', 'or', 'order', 'limit'].some((word) => isKeyword(word))) return
      at++
    }
  }

  return {
    peek,
    next,
    isSymbol,
    isKeyword,
    takeKeyword: (word) => {
      if (!isKeyword(word)) return false
      next()
      return true
    },
    takeSymbol: (text) => {
      if (!isSymbol(text)) throw unexpected(`"${text}"`)
      return next()
    },
    want: (expectation) => {
      if (peek().kind !== 'end' || halted) return
      // After a fault at the end, what is read of the outer terms is only clearing up.
      if (!faults.some((fault) => fault.span.start === peek().span.start)) expectations.push(expectation)
    },
    unexpected,
    nested: (inner, work) => {
      const outer = scope
      scope = inner
      depth++
      if (depth > queryLimits.nesting) {
        const message = `A query is nested at most ${queryLimits.nesting} deep; this one goes deeper at character ${peek().span.start + 1}.`
        halt(refuse(peek().span, message, 'Take out brackets, or save parts as slices.'))
      }
      try {
        return work()
      } finally {
        depth--
        scope = outer
      }
    },
    guard: (work, recover) => {
      const start = peek().span
      try {
        return work()
      } catch (caught) {
        if (!(caught instanceof FoveaError) || caught.code !== 'QUERY_INVALID') throw caught
        const { span, expected, candidates } = caught.details as Pick<QueryFault, 'span' | 'expected' | 'candidates'>
        note({ message: caught.message, hint: caught.hint ?? null, span, expected, candidates })
        skipTerm()
        return recover({ start: start.start, end: peek().span.start })
      }
    },
    note,
    spanFrom: (start) => ({ start: start.start, end: tokens[Math.max(at - 1, 0)]!.span.end }),
    get scope() {
      return scope
    },
    faults,
    expectations,
  }
}

function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end of the query'
    case 'string':
      return `the text ${quoteText(token.text)}`
    case 'name':
      return `the name \`${token.text}\``
    case 'number':
      return `the number ${token.text}`
    case 'date':
      return `the date ${token.text}`
    case 'word':
    case 'symbol':
    case 'minus':
      return quoteText(token.text)
  }
}
