import { isSymbol, isWord, readTokens, type Token } from './tokens.ts'

/** One condition of a query's top level. */
export interface Term {
  start: number
  end: number
  tokens: Token[]
}

/** A query in its parts. */
export interface Parts {
  /** Conditions joined by `and`, spelled out or not. A query with an `or` on top is one term as a whole. */
  terms: Term[]
  /** Whether the only term is a chain of `or`. */
  isChoice: boolean
  /** Where `order by` or `limit` begins; the text's length without one. */
  tail: number
}

const comparisons = ['=', '!=', '<', '<=', '>', '>=', '~', '!~', ':']

/** Finds the conditions on the top level of a query. Undefined for a text that is not well formed. */
export function splitTerms(text: string): Parts | undefined {
  const tokens = readTokens(text)
  if (tokens.some(({ closed }) => !closed)) return undefined
  const terms: Term[] = []
  let at = 0
  let hasOr = false
  while (at < tokens.length && !isWord(tokens[at], 'order', 'limit')) {
    if (terms.length > 0) {
      if (isWord(tokens[at], 'or')) hasOr = true
      if (isWord(tokens[at], 'and', 'or')) at++
    }
    const end = endOfTerm(tokens, at)
    if (end === undefined) return undefined
    terms.push({ start: tokens[at]!.start, end: tokens[end - 1]!.end, tokens: tokens.slice(at, end) })
    at = end
  }
  const tail = tokens[at]?.start ?? text.length
  if (!hasOr) return { terms, isChoice: false, tail }
  const whole = { start: terms[0]!.start, end: terms.at(-1)!.end, tokens: tokens.slice(0, at) }
  return { terms: [whole], isChoice: true, tail }
}

/** The token behind the term that begins at `from`. */
function endOfTerm(tokens: readonly Token[], from: number): number | undefined {
  let at = from
  while (isWord(tokens[at], 'not') || tokens[at]?.kind === 'minus') at++
  const first = tokens[at]
  if (first === undefined || isWord(first, 'and', 'or', 'order', 'limit')) return undefined
  if (isSymbol(first, '(')) return endOfBrackets(tokens, at)
  if (first.kind === 'symbol') return undefined
  at++
  if (first.kind === 'number' || first.kind === 'date') return at
  // Calls, label conditions and their members: layer("a").labels[…].area.max
  for (;;) {
    const next = tokens[at]
    if (next === undefined || next.spaced) break
    const opens = isSymbol(next, '(') || isSymbol(next, '[')
    if (opens) {
      const end = endOfBrackets(tokens, at)
      if (end === undefined) return undefined
      at = end
    } else if (next.kind === 'word' && next.text.startsWith('.')) at++
    else break
  }
  return endOfTest(tokens, at)
}

/** What follows the operand of a term: a comparison, a range, a list, a question for absence, or nothing. */
function endOfTest(tokens: readonly Token[], from: number): number | undefined {
  const next = tokens[from]
  if (next?.kind === 'symbol' && comparisons.includes(next.text)) {
    if (next.text === ':' && next.spaced) return undefined
    return endOfValue(tokens, from + 1)
  }
  let at = from
  if (isWord(tokens[at], 'not') && isWord(tokens[at + 1], 'in', 'between', 'exists')) at++
  if (isWord(tokens[at], 'in')) return isSymbol(tokens[at + 1], '(') ? endOfBrackets(tokens, at + 1) : undefined
  if (isWord(tokens[at], 'between')) {
    const low = endOfValue(tokens, at + 1)
    return low !== undefined && isWord(tokens[low], 'and') ? endOfValue(tokens, low + 1) : undefined
  }
  if (isWord(tokens[at], 'exists')) return at + 1
  if (isWord(tokens[at], 'is')) {
    const word = isWord(tokens[at + 1], 'not') ? at + 2 : at + 1
    return isWord(tokens[word], 'missing', 'null') ? word + 1 : undefined
  }
  return from
}

function endOfValue(tokens: readonly Token[], at: number): number | undefined {
  const token = tokens[at]
  if (token?.kind === 'minus') return tokens[at + 1]?.kind === 'number' ? at + 2 : undefined
  return token === undefined || token.kind === 'symbol' || token.kind === 'name' ? undefined : at + 1
}

function endOfBrackets(tokens: readonly Token[], from: number): number | undefined {
  const open: string[] = []
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at]!
    if (token.kind !== 'symbol') continue
    if (token.text === '(' || token.text === '[') open.push(token.text === '(' ? ')' : ']')
    else if (token.text === ')' || token.text === ']') {
      if (open.pop() !== token.text) return undefined
      if (open.length === 0) return at + 1
    }
  }
  return undefined
}
