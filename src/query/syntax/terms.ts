import type { BareTerm, ComparisonOperator, Group, NameOperand, Operand, Term } from './ast.ts'
import { comparisonOperators } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseOperand } from './operands.ts'
import { parseValue, parseValueList } from './values.ts'

/** `a or b or …`, each side `c and d …`, where `and` may be left out. */
export function parseTerms(cursor: Cursor): Term {
  return parseGroup(cursor, 'or', () => parseGroup(cursor, 'and', () => parseTerm(cursor)))
}

function parseGroup(cursor: Cursor, kind: Group['kind'], parseOne: () => Term): Term {
  const start = cursor.peek().span
  const terms = [parseOne()]
  while (cursor.takeKeyword(kind) || (kind === 'and' && startsTerm(cursor))) terms.push(parseOne())
  if (kind === 'and') cursor.want({ kind: 'term', scope: cursor.scope, joined: true })
  return terms.length === 1 ? terms[0]! : { kind, terms, span: cursor.spanFrom(start) }
}

export function startsTerm(cursor: Cursor): boolean {
  const { kind } = cursor.peek()
  if (kind === 'end') return false
  if (kind === 'symbol') return ![')', ']', ','].some((text) => cursor.isSymbol(text))
  return !['and', 'or', 'order', 'limit'].some((word) => cursor.isKeyword(word))
}

function parseTerm(cursor: Cursor): Term {
  cursor.want({ kind: 'term', scope: cursor.scope })
  return cursor.guard(
    () => parseSigned(cursor),
    (span): Term => ({ kind: 'broken', span }),
  )
}

function parseSigned(cursor: Cursor): Term {
  const start = cursor.peek()
  if (cursor.isKeyword('not') || start.kind === 'minus') {
    cursor.next()
    const term = cursor.nested(cursor.scope, () => {
      cursor.want({ kind: 'term', scope: cursor.scope })
      return parseSigned(cursor)
    })
    return { kind: 'not', term, span: cursor.spanFrom(start.span) }
  }
  if (cursor.isSymbol('(')) {
    cursor.next()
    const term = cursor.nested(cursor.scope, () => parseTerms(cursor))
    cursor.want({ kind: 'keywords', words: ['and', 'or', ')'] })
    if (!cursor.isSymbol(')')) throw cursor.unexpected(['")"', '"and"', '"or"'])
    cursor.next()
    return term
  }
  if (start.kind === 'number' || start.kind === 'date') {
    cursor.next()
    if (operatorHere(cursor) !== null) {
      throw cursor.unexpected(['"and"', '"or"', 'the end of the query'], 'Write the field first: width > 640.')
    }
    return { kind: 'bare', text: start.text, quote: '', span: start.span }
  }
  if (start.kind === 'symbol' || start.kind === 'end') {
    throw cursor.unexpected(
      'a term',
      'Terms look like width > 640, tag:blurry, labels.count > 5, or words to search for.',
    )
  }
  if (start.kind === 'word' && start.text === 'slice' && cursor.isSymbol(':', 1)) return parseSlice(cursor)
  return parseTail(cursor, parseOperand(cursor, parseTerms))
}

function parseSlice(cursor: Cursor): Term {
  const start = cursor.next()
  cursor.next()
  cursor.want({ kind: 'name', of: 'slice' })
  const name = cursor.peek()
  if (name.kind !== 'word' && name.kind !== 'string' && name.kind !== 'number' && name.kind !== 'date') {
    throw cursor.unexpected('the name of a slice', 'Like slice:"night shift".')
  }
  cursor.next()
  return { kind: 'slice', name: name.text, nameSpan: name.span, span: cursor.spanFrom(start.span) }
}

/** What follows an operand makes it a comparison, a range, a list, a question for absence, or leaves it alone. */
function parseTail(cursor: Cursor, operand: Operand): Term {
  cursor.want({ kind: 'operator', operand, scope: cursor.scope })
  const start = operand.span
  const operator = operatorHere(cursor)
  if (operator !== null) {
    cursor.next()
    const value = parseValue(cursor, operand)
    return { kind: 'compare', operand, operator, value, span: cursor.spanFrom(start) }
  }
  const negated = cursor.isKeyword('not') && ['in', 'between', 'exists'].some((word) => cursor.isKeyword(word, 1))
  if (negated) cursor.next()
  if (cursor.takeKeyword('in')) {
    const values = parseValueList(cursor, operand)
    return { kind: 'in', operand, values, negated, span: cursor.spanFrom(start) }
  }
  if (cursor.takeKeyword('between')) {
    const low = parseValue(cursor, operand)
    cursor.want({ kind: 'keywords', words: ['and'] })
    if (!cursor.takeKeyword('and')) throw cursor.unexpected('"and"', 'Like brightness between 0.2 and 0.4.')
    const high = parseValue(cursor, operand)
    return { kind: 'between', operand, low, high, negated, span: cursor.spanFrom(start) }
  }
  if (cursor.takeKeyword('exists')) {
    return { kind: 'missing', operand, negated: !negated, span: cursor.spanFrom(start) }
  }
  if (cursor.takeKeyword('is')) {
    cursor.want({ kind: 'keywords', words: ['missing', 'not missing', 'null', 'not null'] })
    const exists = cursor.takeKeyword('not')
    if (exists) cursor.want({ kind: 'keywords', words: ['missing', 'null'] })
    if (!cursor.takeKeyword('missing') && !cursor.takeKeyword('null')) {
      throw cursor.unexpected(['"missing"', '"not missing"'], 'To search for the word "is", put it in quotes.')
    }
    return { kind: 'missing', operand, negated: exists, span: cursor.spanFrom(start) }
  }
  if (operand.kind === 'name') return bareTerm(operand)
  return { kind: 'operand', operand, span: operand.span }
}

const bareTerm = ({ name, quote, span }: NameOperand): BareTerm => ({ kind: 'bare', text: name, quote, span })

/** `a:b` reads as `a = b`. */
function operatorHere(cursor: Cursor): ComparisonOperator | null {
  const { kind, text, spaced } = cursor.peek()
  if (kind !== 'symbol') return null
  if (text === ':' && !spaced) return '='
  return comparisonOperators.find((operator) => operator === text) ?? null
}
