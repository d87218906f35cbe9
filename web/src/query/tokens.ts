/** What a piece of a query is, as the server's own reader splits it (docs/query-language.md). */
export interface Token {
  kind: 'word' | 'number' | 'date' | 'string' | 'name' | 'symbol' | 'minus'
  /** Without quotes and escapes; `<>` reads `!=`. */
  text: string
  /** Half-open range of UTF-16 units. */
  start: number
  end: number
  /** Whether white space, or the start of the text, stands before it. */
  spaced: boolean
  /** Whether a quoted one has its closing quote; true for all others. */
  closed: boolean
}

const symbol = /!=|<>|<=|>=|!~|[=<>~()[\],:]/y
const date = /\d{4}-\d{2}-\d{2}(?:[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?(?=$|[\s()[\],])/y
const word = /[^\s=<>~()[\],:"`!]+/y
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const quotes: Record<string, Token['kind']> = { '"': 'string', "'": 'string', '`': 'name' }

/** Splits any text into tokens; what belongs to no token, a lone `!` for one, becomes a symbol. Takes time linear in the text. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let spaced = true
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const push = (kind: Token['kind'], content: string, length: number, closed = true): void => {
    tokens.push({ kind, text: content, start: at, end: at + length, spaced, closed })
    at += length
    spaced = false
  }
  while (at < text.length) {
    const letter = text[at]!
    if (/\s/.test(letter)) {
      at++
      spaced = true
      continue
    }
    const quoteKind = quotes[letter]
    if (quoteKind !== undefined) {
      const { content, end, closed } = readQuoted(text, at)
      push(quoteKind, content, end - at, closed)
      continue
    }
    const sign = match(symbol)
    if (sign !== undefined) {
      push('symbol', sign === '<>' ? '!=' : sign, sign.length)
      continue
    }
    if (letter === '-' && /[^\s)\],]/.test(text[at + 1] ?? ' ')) {
      push('minus', '-', 1)
      continue
    }
    const day = match(date)
    if (day !== undefined) {
      push('date', day, day.length)
      continue
    }
    const run = match(word)
    if (run === undefined) push('symbol', letter, 1)
    else push(number.test(run) ? 'number' : 'word', run, run.length)
  }
  return tokens
}

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

export const isWord = (token: Token | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text.toLowerCase())

export const isSymbol = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'symbol' && token.text === text
