import { suggestName } from '../suites/names.ts'

export const aggregates = ['count', 'share', 'distinct', 'mean', 'median', 'quantile', 'min', 'max', 'sum'] as const
export type Aggregate = (typeof aggregates)[number]
export const comparators = ['=', '!=', '<', '<=', '>', '>='] as const
export type Comparator = (typeof comparators)[number]

export type Bound =
  | { kind: 'compare'; comparator: Comparator; value: number }
  | { kind: 'between'; low: number; high: number }

/** `share(tag:blurry) < 0.02`, taken apart. */
export interface Expectation {
  aggregate: Aggregate
  /** What stands in the brackets, and where it begins in the text (UTF-16 units). */
  argument: string
  argumentAt: number
  /** Of `quantile(…, p)`, 0 to 1. */
  quantile: number | null
  bound: Bound
}

export interface ExpectationFault {
  message: string
  hint: string | null
  offset: number
}

export type ParsedExpectation = { ok: true; expectation: Expectation } | { ok: false; fault: ExpectationFault }

const example = 'Like: share(tag:blurry) < 0.02, or count(labels[area <= 0]) = 0.'
const number = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?(%)?/i

/** Reads the shape of an expectation; what is in the brackets is read against the data later. Never throws. */
export function parseExpectation(text: string): ParsedExpectation {
  const fault = (offset: number, expected: string, hint: string | null = example): ParsedExpectation => {
    const rest = text.slice(offset).trim()
    const got = rest === '' ? 'the end of the text' : JSON.stringify(rest.length > 30 ? `${rest.slice(0, 29)}…` : rest)
    return {
      ok: false,
      fault: { message: `Expected ${expected} at character ${offset + 1}, got ${got}.`, hint, offset },
    }
  }
  const skip = (at: number): number => at + /^\s*/.exec(text.slice(at))![0].length

  const start = skip(0)
  const name = /^[A-Za-z_]+/.exec(text.slice(start))?.[0] ?? ''
  if (!isAggregate(name))
    return fault(
      start,
      aggregates.map((one) => `${one}(…)`).join(', '),
      name === '' ? example : suggestName(name, aggregates),
    )
  const open = skip(start + name.length)
  if (text[open] !== '(') return fault(open, `"(" after ${name}`)
  const close = findClose(text, open)
  if (close === undefined) return fault(text.length, `the ")" of ${name}(`)
  let argument = text.slice(open + 1, close)
  let quantile: number | null = null
  if (name === 'quantile') {
    const cut = argument.lastIndexOf(',')
    const share = cut < 0 ? NaN : readNumber(argument.slice(cut + 1).trim())
    if (!(share >= 0 && share <= 1))
      return fault(
        open + 1 + Math.max(0, cut),
        'a comma and a share from 0 to 1',
        'Like: quantile(sharpness, 0.05) > 0.1.',
      )
    argument = argument.slice(0, cut)
    quantile = share
  }
  const argumentAt = skip(open + 1)
  argument = argument.trim()
  if (argument === '' && name !== 'count') return fault(argumentAt, `what ${name}(…) is of`)

  const at = skip(close + 1)
  const between = /^between\s+/i.exec(text.slice(at))
  if (between !== null) {
    const lowAt = at + between[0].length
    const low = number.exec(text.slice(lowAt))
    if (low === null) return fault(lowAt, 'a number')
    const andAt = skip(lowAt + low[0].length)
    const and = /^and\s+/i.exec(text.slice(andAt))
    if (and === null) return fault(andAt, '"and"', 'Like: mean(brightness) between 0.2 and 0.8.')
    const highAt = andAt + and[0].length
    const high = number.exec(text.slice(highAt))
    if (high === null) return fault(highAt, 'a number')
    const end = skip(highAt + high[0].length)
    if (end < text.length) return fault(end, 'the end of the text')
    const bound: Bound = { kind: 'between', low: readNumber(low[0]), high: readNumber(high[0]) }
    if (bound.low > bound.high) return fault(lowAt, 'the smaller number first')
    return { ok: true, expectation: { aggregate: name, argument, argumentAt, quantile, bound } }
  }
  const sign = /^(<=|>=|!=|<>|==|=|<|>)/.exec(text.slice(at))?.[0]
  if (sign === undefined) return fault(at, 'a bound: =, !=, <, <=, >, >= or between')
  const comparator = sign === '<>' ? '!=' : sign === '==' ? '=' : (sign as Comparator)
  const valueAt = skip(at + sign.length)
  const value = number.exec(text.slice(valueAt))
  if (value === null) return fault(valueAt, 'a number')
  const end = skip(valueAt + value[0].length)
  if (end < text.length) return fault(end, 'the end of the text')
  const bound: Bound = { kind: 'compare', comparator, value: readNumber(value[0]) }
  return { ok: true, expectation: { aggregate: name, argument, argumentAt, quantile, bound } }
}

const isAggregate = (name: string): name is Aggregate => (aggregates as readonly string[]).includes(name)

function readNumber(text: string): number {
  return text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : text === '' ? NaN : Number(text)
}

/** The bracket that closes the one at `open`; brackets in quotes do not count. */
function findClose(text: string, open: number): number | undefined {
  let depth = 0
  let quote = ''
  for (let i = open; i < text.length; i++) {
    const c = text[i]!
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '"' || c === "'" || c === '`') quote = c
    else if (c === '(' || c === '[') depth++
    else if (c === ')' || c === ']') {
      depth--
      if (depth === 0) return i
    }
  }
  return undefined
}

/** Whether a value is as expected. */
export function meetsBound(bound: Bound, value: number): boolean {
  if (bound.kind === 'between') return value >= bound.low && value <= bound.high
  switch (bound.comparator) {
    case '=':
      return value === bound.value
    case '!=':
      return value !== bound.value
    case '<':
      return value < bound.value
    case '<=':
      return value <= bound.value
    case '>':
      return value > bound.value
    case '>=':
      return value >= bound.value
  }
}

export function describeBound(bound: Bound): string {
  if (bound.kind === 'between') return `${bound.low} to ${bound.high}`
  const signs: Record<Comparator, string> = { '=': '=', '!=': '≠', '<': '<', '<=': '≤', '>': '>', '>=': '≥' }
  return `${signs[bound.comparator]} ${bound.value}`
}
