import { describeFault, queryLimits, refuse, toError, type Span } from '../problem.ts'

export type TokenKind = 'word' | 'number' | 'date' | 'string' | 'name' | 'symbol' | 'minus' | 'end'

export interface Token {
  kind: TokenKind
  /** Without quotes and escapes; symbols as written, but `<>` reads `!=`. */
  text: string
  span: Span
  /** Whether white space (or the start of the text) stands before it. */
  spaced: boolean
}

const space = /\s+/y
const symbol = /!=|<>|<=|>=|!~|[=<>~()[\],:]/y
const date = /\d{4}-\d{2}-\d{2}(?:[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?(?=$|[\s()[\],])/y
/** Everything that is no white space, no symbol and no opening quote belongs to a word. */
const word = /[^\s=<>~()[\],:"`!]+/y
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const quotes: Record<string, TokenKind> = { '"': 'string', "'": 'string', '`': 'name' }

/**
 * Splits a query text into tokens; the last is always `end`. Throws QUERY_INVALID on text over 20 000 characters
 * and on an open quote, unless `open` allows that one (completion looks at unfinished text).
 */
export function readTokens(text: string, open: 'refuse' | 'allow' = 'refuse'): Token[] {
  if (text.length > queryLimits.textLength) {
    const message = `A query has at most ${queryLimits.textLength} characters, got ${text.length}.`
    throw toError(refuse({ start: queryLimits.textLength, end: text.length }, message, 'Save parts as slices.'))
  }
  const tokens: Token[] = []
  let at = 0
  let spaced = true
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const push = (kind: TokenKind, content: string, end: number): void => {
    tokens.push({ kind, text: content, span: { start: at, end }, spaced })
    at = end
    spaced = false
  }
  while (at < text.length) {
    const blank = match(space)
    if (blank !== undefined) {
      at += blank.length
      spaced = true
      continue
    }
    const quoteKind = quotes[text[at]!]
    if (quoteKind !== undefined) {
      const { content, end, closed } = readQuoted(text, at)
      if (!closed && open === 'refuse') throw toError(openQuote(text, at))
      push(quoteKind, content, end)
      continue
    }
    const sign = match(symbol)
    if (sign !== undefined) {
      push('symbol', sign === '<>' ? '!=' : sign, at + sign.length)
      continue
    }
    if (text[at] === '-' && /[^\s)\],]/.test(text[at + 1] ?? ' ')) {
      push('minus', '-', at + 1)
      continue
    }
    const day = match(date)
    if (day !== undefined) {
      push('date', day, at + day.length)
      continue
    }
    const run = match(word)
    if (run === undefined) {
      const span = { start: at, end: at + 1 }
      throw toError(
        describeFault({
          span,
          expected: ['a term', 'an operator'],
          got: `"${text[at]}"`,
          hint: 'Write not, != or !~.',
        }),
      )
    }
    push(number.test(run) ? 'number' : 'word', run, at + run.length)
  }
  push('end', '', text.length)
  return tokens
}

/** `\"`, `\'`, `` \` `` and `\\` stand for the second character; any other backslash for itself. */
function readQuoted(text: string, start: number): { content: string; end: number; closed: boolean } {
  const quote = text[start]!
  let content = ''
  for (let i = start + 1; i < text.length; i++) {
    const letter = text[i]!
    if (letter === quote) return { content, end: i + 1, closed: true }
    if (letter === '\\' && /["'`\\]/.test(text[i + 1] ?? '')) content += text[++i]
    else content += letter
  }
  return { content, end: text.length, closed: false }
}

function openQuote(text: string, start: number) {
  return describeFault({
    span: { start, end: text.length },
    expected: `a closing ${text[start]}`,
    got: 'the end of the query',
    hint: 'A quote inside quoted text is written with a backslash before it.',
  })
}
