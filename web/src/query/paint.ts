import { isSymbol, isWord, readTokens, type Token } from './tokens.ts'

export type Colour = 'field' | 'keyword' | 'operator' | 'string' | 'number' | 'tag' | 'text'

/** A run of the text that is drawn alike. */
export interface Piece {
  text: string
  colour: Colour
  isWrong: boolean
}

interface Span {
  start: number
  end: number
}

const keywords = ['and', 'or', 'not', 'between', 'exists', 'is', 'in', 'missing', 'null']
const tailWords = ['order', 'by', 'limit', 'asc', 'desc']
const operators = ['=', '!=', '<', '<=', '>', '>=', '~', '!~', ':']

/** Cuts a query into pieces by what they are, and where faults are. The pieces joined are the text. */
export function paintQuery(text: string, faults: readonly Span[]): Piece[] {
  const tokens = readTokens(text)
  const runs: (Span & { colour: Colour })[] = []
  let at = 0
  tokens.forEach((token, i) => {
    if (token.start > at) runs.push({ start: at, end: token.start, colour: 'text' })
    runs.push({ start: token.start, end: token.end, colour: colourOf(tokens, i) })
    at = token.end
  })
  if (at < text.length) runs.push({ start: at, end: text.length, colour: 'text' })
  const isWrong = (place: number): boolean => faults.some(({ start, end }) => start <= place && place < end)
  const edges = faults.flatMap(({ start, end }) => [start, end])
  return runs.flatMap(({ start, end, colour }) => {
    const inner = edges.filter((edge) => edge > start && edge < end).toSorted((a, b) => a - b)
    return [start, ...inner].map((from, i) => ({
      text: text.slice(from, inner[i] ?? end),
      colour,
      isWrong: isWrong(from),
    }))
  })
}

function colourOf(tokens: readonly Token[], i: number): Colour {
  const token = tokens[i]!
  const next = tokens[i + 1]
  const before = tokens[i - 1]
  switch (token.kind) {
    case 'number':
    case 'date':
      return isTagValue(tokens, i) ? 'tag' : 'number'
    case 'minus':
      return next?.kind === 'number' ? 'number' : 'keyword'
    case 'symbol':
      return operators.includes(token.text) ? 'operator' : 'text'
    case 'name':
      return 'field'
    case 'string':
      return isTagValue(tokens, i) ? 'tag' : 'string'
    case 'word':
  }
  if (isTagValue(tokens, i)) return 'tag'
  if (isWord(token, ...keywords, ...tailWords) && !isTested(next)) return 'keyword'
  if (before?.kind === 'symbol' && operators.includes(before.text)) return 'string'
  if (isTested(next) || isSymbol(next, '[') || isSymbol(next, '(') || token.text.startsWith('.')) return 'field'
  return isInOrder(tokens, i) ? 'field' : 'text'
}

/** The value behind `tag:` and its like. */
function isTagValue(tokens: readonly Token[], i: number): boolean {
  const sign = tokens[i - 1]
  const isEqual = isSymbol(sign, ':') || isSymbol(sign, '=') || isSymbol(sign, '!=') || isSymbol(sign, '~')
  return isEqual && isWord(tokens[i - 2], 'tag')
}

const isTested = (next: Token | undefined): boolean =>
  (next?.kind === 'symbol' && operators.includes(next.text)) || isWord(next, 'in', 'between', 'is', 'exists', 'not')

function isInOrder(tokens: readonly Token[], i: number): boolean {
  const order = tokens.findLastIndex((token, at) => at < i && isWord(token, 'order'))
  return (
    order >= 0 && isWord(tokens[order + 1], 'by') && !tokens.slice(order, i).some((token) => isWord(token, 'limit'))
  )
}
