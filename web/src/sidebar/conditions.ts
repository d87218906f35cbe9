import { splitTerms, type Parts, type Term } from '../query/terms.ts'
import { isSymbol, isWord, readTokens, type Token } from '../query/tokens.ts'
import { quoteName, quoteText } from '../shell/view.ts'

/**
 * Adds a condition to the end of a query's chain of `and`, in front of any `order by` or `limit`; a choice by `or` is put in
 * brackets behind it. A query that has the condition, and one that is not well formed, stay as they are.
 */
export function addTo(query: string, condition: string): string {
  const parts = splitTerms(query)
  if (parts === undefined || findTerm(parts, condition) !== undefined) return query
  const last = parts.terms.at(-1)
  if (last === undefined) {
    const tail = query.slice(parts.tail)
    return tail === '' ? condition : `${condition} ${tail}`
  }
  // In front, so that taking it out again knows that the brackets came with it.
  if (parts.isChoice) {
    return `${query.slice(0, last.start)}${condition} and (${query.slice(last.start, last.end)})${query.slice(last.end)}`
  }
  return `${query.slice(0, last.end)} and ${condition}${query.slice(last.end)}`
}

/** Takes a condition out of a query's chain of `and`. Without it, the query stays as it is. */
export function removeFrom(query: string, condition: string): string {
  const parts = splitTerms(query)
  const found = parts === undefined ? undefined : findTerm(parts, condition)
  return parts === undefined || found === undefined ? query : cut(query, parts, found)
}

export const has = (query: string, condition: string): boolean => {
  const parts = splitTerms(query)
  return parts !== undefined && findTerm(parts, condition) !== undefined
}

export const isReadable = (query: string): boolean => splitTerms(query) !== undefined

/** The opposite of a condition. */
export const not = (condition: string): string => `not ${condition}`

/** In the query it is taken out, else put in; its opposite goes in any case. */
export function toggle(query: string, condition: string, opposite: string): string {
  return has(query, condition) ? removeFrom(query, condition) : addTo(removeFrom(query, opposite), condition)
}

/** Puts conditions where the first of those stands that they replace, the others go; without one, at the end. */
export function replaceIn(query: string, old: readonly string[], conditions: readonly string[]): string {
  const first = old.find((condition) => has(query, condition))
  if (first === undefined || conditions.length === 0) return addAll(old.reduce(removeFrom, query), conditions)
  const rest = old.filter((condition) => condition !== first).reduce(removeFrom, query)
  const parts = splitTerms(rest)!
  const term = findTerm(parts, first)
  if (term === undefined) return addAll(rest, conditions)
  return `${rest.slice(0, term.start)}${conditions.join(' and ')}${rest.slice(term.end)}`
}

function addAll(query: string, conditions: readonly string[]): string {
  const missing = conditions.filter((condition) => !has(query, condition))
  return missing.length === 0 ? query : addTo(query, missing.join(' and '))
}

/** Bounds of a field, as the query language writes them; undefined where open. */
export interface Range {
  low?: string | undefined
  high?: string | undefined
}

/** The bounds `field >= a` and `field <= b` on the top level of a query. */
export function readRange(query: string, field: string): Range {
  const { low, high } = findBounds(query, field)
  return { low: low?.value, high: high?.value }
}

/** Sets the bounds of a field in place of those it had. */
export function writeRange(query: string, field: string, { low, high }: Range): string {
  const bounds = findBounds(query, field)
  const old = [bounds.low, bounds.high].flatMap((bound) => (bound === undefined ? [] : [bound.text]))
  const name = nameField(field)
  return replaceIn(query, old, [
    ...(low === undefined ? [] : [`${name} >= ${low}`]),
    ...(high === undefined ? [] : [`${name} <= ${high}`]),
  ])
}

interface Bound {
  text: string
  value: string
}

function findBounds(query: string, field: string): { low?: Bound; high?: Bound } {
  const found: { low?: Bound; high?: Bound } = {}
  for (const { tokens, start, end } of splitTerms(query)?.terms ?? []) {
    const [name, sign, first] = tokens
    if (!isNamed(name, field) || first === undefined) continue
    const bound = { text: query.slice(start, end), value: query.slice(first.start, end) }
    if (isSymbol(sign, '>=')) found.low ??= bound
    if (isSymbol(sign, '<=')) found.high ??= bound
  }
  return found
}

/** The values a query wants of a field: those of `field = a` or `field in (a, b)` on its top level. */
export function readValues(query: string, field: string): string[] {
  return findValues(query, field).flatMap(({ values }) => values)
}

/** Wants a value of a field beside those it wants already, or no longer. `value` is as the query language writes it. */
export function toggleValue(query: string, field: string, value: string): string {
  const terms = findValues(query, field)
  const plain = plainOf(value)
  const old = terms.flatMap(({ values }) => values)
  const values = old.some((one) => plainOf(one) === plain)
    ? old.filter((one) => plainOf(one) !== plain)
    : [...old, value]
  const condition = values.length === 0 ? [] : [wants(field, values)]
  return replaceIn(
    removeFrom(query, not(wants(field, [value]))),
    terms.map(({ text }) => text),
    condition,
  )
}

export const wants = (field: string, values: readonly string[]): string =>
  values.length === 1 ? `${nameField(field)} = ${values[0]}` : `${nameField(field)} in (${values.join(', ')})`

const taken = /^(class|tag|objects|labels|slice|layer|and|or|not|between|exists|is|in|order|limit)$/i

/** A field's name as the query language writes it, in back quotes where the plain word means something else. */
export const nameField = (field: string): string => (taken.test(field) ? `\`${field}\`` : quoteName(field))

/** Whether two values are the same, quoted or not. */
export const plainOf = (value: string): string => readTokens(value)[0]?.text ?? ''

function findValues(query: string, field: string): { text: string; values: string[] }[] {
  return (splitTerms(query)?.terms ?? []).flatMap(({ tokens, start, end }) => {
    const [name, sign] = tokens
    if (!isNamed(name, field)) return []
    const isList = isWord(sign, 'in')
    if (!isList && !isSymbol(sign, '=') && !isSymbol(sign, ':')) return []
    const values = tokens
      .slice(2)
      .filter(({ kind }) => kind !== 'symbol' && kind !== 'minus')
      .map((token) => writeValue(query, tokens, token))
    return values.length === 0 ? [] : [{ text: query.slice(start, end), values }]
  })
}

function writeValue(query: string, tokens: readonly Token[], token: Token): string {
  const before = tokens[tokens.indexOf(token) - 1]
  const sign = before?.kind === 'minus' ? '-' : ''
  return token.kind === 'word' ? quoteText(token.text) : sign + query.slice(token.start, token.end)
}

const isNamed = (token: Token | undefined, field: string): boolean =>
  token?.text === field && (token.kind === 'name' || (token.kind === 'word' && !taken.test(field)))

/** Whether a term is the same condition, however it is spaced and quoted. */
function findTerm({ terms, isChoice }: Parts, condition: string): Term | undefined {
  if (isChoice) return undefined
  const wanted = keyOf(readTokens(condition))
  return terms.find(({ tokens }) => keyOf(tokens) === wanted)
}

/** `a:b` reads `a = "b"`, `a != b` reads `not a = b`, and `-a` reads `not a`. */
function keyOf(tokens: readonly Token[]): string {
  let isNegated = false
  let at = 0
  while (isWord(tokens[at], 'not') || tokens[at]?.kind === 'minus') {
    isNegated = !isNegated
    at++
  }
  const rest = tokens.slice(at)
  const sign = rest[1]
  if (rest.length === 3 && (isSymbol(sign, '!=') || isSymbol(sign, '!~'))) isNegated = !isNegated
  const words = rest.map(({ kind, text }, i) => {
    if (i === 1 && kind === 'symbol') return ['symbol', { ':': '=', '!=': '=', '!~': '~' }[text] ?? text]
    if (kind === 'word' && i === 2 && sign?.kind === 'symbol') return ['string', text]
    return [kind === 'name' && !taken.test(text) ? 'word' : kind, text]
  })
  return JSON.stringify([isNegated, words])
}

function cut(query: string, { terms, tail }: Parts, term: Term): string {
  const at = terms.indexOf(term)
  const next = terms[at + 1]
  const before = terms[at - 1]
  if (before !== undefined) {
    const rest = query.slice(term.end)
    return query.slice(0, before.end) + (/^\S/.test(rest) ? ' ' : '') + rest
  }
  if (next === undefined) return query.slice(tail)
  const rest = query.slice(0, term.start) + query.slice(next.start)
  if (terms.length > 2 || !isSymbol(next.tokens[0], '(')) return rest
  // The brackets that addTo put round a choice.
  const inner = query.slice(next.start + 1, next.end - 1)
  return splitTerms(inner)?.isChoice === true ? query.slice(0, term.start) + inner + query.slice(next.end) : rest
}
