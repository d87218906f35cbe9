import { queryLimits, toError, type QueryFault } from '../problem.ts'
import type { OrderKey, Query } from './ast.ts'
import { createCursor, type Cursor } from './cursor.ts'
import type { Expectation } from './expectation.ts'
import { readTokens, type Token } from './lexer.ts'
import { parseOperand } from './operands.ts'
import { parseTerms, startsTerm } from './terms.ts'

export interface ParseOutcome {
  query: Query
  /** In the order of the text. */
  faults: QueryFault[]
  /** What could stand where the text ends. */
  expectations: readonly Expectation[]
}

/** Reads a query text into its tree. Throws QUERY_INVALID at the first fault. Takes time linear in the text. */
export function parseQuery(text: string): Query {
  const { query, faults } = parseTokens(readTokens(text))
  if (faults[0] !== undefined) throw toError(faults[0])
  return query
}

/** As `parseQuery`, but goes on after a broken term and answers all faults. */
export function parseTokens(tokens: readonly Token[]): ParseOutcome {
  const cursor = createCursor(tokens)
  const query: Query = { kind: 'query', where: null, order: [], limit: null, span: { start: 0, end: 0 } }
  cursor.guard(
    () => parseWhole(cursor, query),
    () => undefined,
  )
  query.span = { start: 0, end: tokens.at(-1)!.span.end }
  return {
    query,
    faults: cursor.faults.toSorted((a, b) => a.span.start - b.span.start),
    expectations: cursor.expectations,
  }
}

function parseWhole(cursor: Cursor, query: Query): void {
  if (startsTerm(cursor) || cursor.isKeyword('and') || cursor.isKeyword('or')) query.where = parseTerms(cursor)
  else cursor.want({ kind: 'term', scope: 'sample' })
  if (query.where !== null) cursor.want({ kind: 'keywords', words: ['and', 'or'] })
  cursor.want({ kind: 'keywords', words: ['order by', 'limit'] })
  while (cursor.isKeyword('order') || cursor.isKeyword('limit')) {
    const clause = cursor.next()
    if (clause.text.toLowerCase() === 'order') {
      if (query.order.length > 0)
        throw cursor.unexpected('the end of the query', 'One order by is enough: order by a, b desc.')
      cursor.want({ kind: 'keywords', words: ['by'] })
      if (!cursor.takeKeyword('by'))
        throw cursor.unexpected('"by"', 'To search for the word "order", put it in quotes.')
      query.order = parseOrder(cursor)
    } else {
      if (query.limit !== null) throw cursor.unexpected('the end of the query', 'There is a limit already.')
      query.limit = parseLimit(cursor)
    }
  }
  if (cursor.peek().kind === 'end') return
  const tail = query.order.length > 0 || query.limit !== null
  const expected = tail
    ? ['"order by"', '"limit"', 'the end of the query']
    : ['"and"', '"or"', '"order by"', '"limit"', 'the end of the query']
  throw cursor.unexpected(expected)
}

function parseOrder(cursor: Cursor): OrderKey[] {
  const keys: OrderKey[] = []
  do {
    if (keys.length > 0) cursor.next()
    cursor.want({ kind: 'order' })
    const operand = parseOperand(cursor, parseTerms)
    cursor.want({ kind: 'keywords', words: ['desc', 'asc'] })
    const descending = cursor.takeKeyword('desc')
    if (!descending) cursor.takeKeyword('asc')
    keys.push({ kind: 'order-key', operand, descending, span: cursor.spanFrom(operand.span) })
  } while (cursor.isSymbol(',') && keys.length < queryLimits.nesting)
  cursor.want({ kind: 'keywords', words: [',', 'limit'] })
  return keys
}

function parseLimit(cursor: Cursor): { value: number; span: { start: number; end: number } } {
  const token = cursor.peek()
  if (token.kind !== 'number' || !/^\d{1,15}$/.test(token.text)) throw cursor.unexpected('a whole number, 0 or more')
  cursor.next()
  return { value: Number(token.text), span: token.span }
}
