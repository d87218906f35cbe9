import type { Span } from '../problem.ts'
import { readTokens, type Token } from '../syntax/lexer.ts'

/** Where the cursor stands: the tokens before it, and the unfinished one it touches, which a suggestion replaces. */
export interface Place {
  /** Ends in an `end` token where the unfinished one starts. */
  before: Token[]
  /** What of the unfinished token stands before the cursor, without its quote. */
  typed: string
  /** Of the unfinished token: a bare word, or quoted; none when the cursor touches nothing. */
  form: 'none' | 'word' | 'quoted'
  replace: Span
}

/** Throws QUERY_INVALID for text that cannot be split into tokens. */
export function findPlace(text: string, at: number): Place {
  const tokens = readTokens(text.slice(0, at), 'allow')
  const end = tokens.pop()!
  const last = tokens.at(-1)
  if (last === undefined || !isUnfinished(last, text, at)) {
    return { before: [...tokens, end], typed: '', form: 'none', replace: { start: at, end: at } }
  }
  if (last.kind === 'word' && last.text === '-') {
    const minus: Token = { ...last, kind: 'minus' }
    return { before: [...tokens.slice(0, -1), minus, end], typed: '', form: 'none', replace: { start: at, end: at } }
  }
  const { start } = last.span
  const whole = readTokens(text, 'allow').find((token) => token.span.start === start && token.kind === last.kind)
  const quoted = last.kind === 'string' || last.kind === 'name'
  const closed = whole !== undefined && (!quoted || isClosed(whole, text))
  return {
    before: [...tokens.slice(0, -1), { ...end, span: { start, end: start }, spaced: last.spaced }],
    typed: last.text,
    form: quoted ? 'quoted' : 'word',
    replace: { start, end: closed ? Math.max(whole.span.end, at) : at },
  }
}

function isUnfinished(token: Token, text: string, at: number): boolean {
  if (token.span.end !== at || token.kind === 'symbol' || token.kind === 'minus') return false
  return (token.kind !== 'string' && token.kind !== 'name') || !isClosed(token, text)
}

/** Whether the quoted token ends in its own quote; an escaped one inside does not close it. */
function isClosed({ span }: Token, text: string): boolean {
  const body = text.slice(span.start + 1, span.end)
  if (!body.endsWith(text[span.start]!)) return false
  const backslashes = /\\*$/.exec(body.slice(0, -1))![0].length
  return backslashes % 2 === 0
}
