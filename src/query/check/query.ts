import type { QueryFault } from '../problem.ts'
import type { QuerySchema } from '../schema.ts'
import type { OrderKey, Query } from '../syntax/ast.ts'
import { readTokens } from '../syntax/lexer.ts'
import { parseTokens } from '../syntax/parser.ts'
import { collect, createContext, fail, use, type Context } from './context.ts'
import { checkTerm, resolve } from './terms.ts'
import type { OrderSource, TypedQuery } from './typed.ts'

/** Fits a parsed query to a dataset. All faults are answered, in the order of the text; with any, `typed` must not be run. */
export function typeQuery(query: Query, schema: QuerySchema): { typed: TypedQuery; faults: QueryFault[] } {
  const context = createContext(schema, expandText)
  const typed = checkTree(context, query)
  return { typed, faults: context.faults.toSorted((a, b) => a.span.start - b.span.start) }
}

function expandText(context: Context, text: string): TypedQuery {
  const { query, faults } = parseTokens(readTokens(text))
  context.faults.push(...faults)
  return checkTree(context, query)
}

function checkTree(context: Context, query: Query): TypedQuery {
  const where = query.where === null ? null : checkTerm(context, query.where, 'sample')
  const order = query.order.flatMap((key) => {
    const source = collect(context, () => checkOrderKey(context, key), null)
    return source === null ? [] : [{ source, descending: key.descending }]
  })
  return { where, order, limit: query.limit?.value ?? null }
}

function checkOrderKey(context: Context, { operand, span }: OrderKey): OrderSource {
  use(context, 'terms', span)
  const subject = resolve(context, operand, 'sample')
  if (subject.kind === 'column') return { kind: 'column', column: subject.column }
  if (subject.kind === 'call') return { kind: 'embedding', call: subject.call }
  const plain = operand.kind !== 'labels' || operand.where === null
  if (subject.kind === 'count' && plain) {
    use(context, 'lookups', span)
    return { kind: 'labels', labels: subject.labels }
  }
  const hint =
    'Samples are ordered by fields, objects, labels.count, and the count of a class: order by count("crack") desc.'
  return fail({
    span,
    expected: 'something to order by',
    got: plain ? 'a term without order' : 'a condition on labels',
    hint,
  })
}
