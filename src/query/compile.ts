import { typeQuery } from './check/query.ts'
import { toError, type QueryFault, type Span } from './problem.ts'
import type { TypedQuery, TypedTerm } from './check/typed.ts'
import type { CompiledQuery, QuerySchema, ScoreCall } from './schema.ts'
import { renderSql, sql } from './sql/fragment.ts'
import { orderSql, renderOrder, termSql } from './sql/terms.ts'
import { FoveaError } from '#base'
import { readTokens } from './syntax/lexer.ts'
import { parseTokens } from './syntax/parser.ts'

export interface QueryProblem {
  message: string
  hint: string | null
  span: Span
}

/** Every fault of syntax and type that can be told apart, in the order of the text; an empty list means the query runs. Never throws. */
export function checkQuery(text: string, schema: QuerySchema): QueryProblem[] {
  return analyse(text, schema).faults.map(({ message, hint, span }) => ({ message, hint, span }))
}

/**
 * SQL for a query text over a dataset. Values are placeholders, never text.
 * Throws QUERY_INVALID with `{ span, expected, candidates }` for the first fault, and QUERY_NEEDS_EMBEDDINGS.
 */
export function compileQuery(text: string, schema: QuerySchema): CompiledQuery {
  const { typed, faults } = analyse(text, schema)
  if (faults[0] !== undefined || typed === null) throw toError(faults[0]!)
  const target = { schema }
  const where = typed.where === null ? sql`TRUE` : termSql(target, typed.where)
  const keys = typed.order.map((key) => orderSql(target, key))
  return { where: renderSql(where), orderBy: keys.length === 0 ? null : renderOrder(keys), limit: typed.limit }
}

/** The `similar(…)` and `text(…)` terms of a query, those of its slices included, each once. Empty for a query that is faulty. */
export function listScoreCalls(text: string, schema: QuerySchema): ScoreCall[] {
  // Spares reading most queries twice; the parser has the last word.
  if (!/similar|text|slice/i.test(text)) return []
  const calls = new Map<string, ScoreCall>()
  const add = ({ name, argument }: ScoreCall): unknown =>
    calls.set(JSON.stringify([name, argument]), { name, argument })
  const walkTerm = (term: TypedTerm): void => {
    if (term.kind === 'and' || term.kind === 'or') term.terms.forEach(walkTerm)
    else if (term.kind === 'not') walkTerm(term.term)
    else if (term.kind === 'subset') walkQuery(term.query)
    else if (term.kind === 'embedding') add(term.call)
  }
  const walkQuery = ({ where, order }: TypedQuery): void => {
    if (where !== null) walkTerm(where)
    for (const { source } of order) if (source.kind === 'embedding') add(source.call)
  }
  const { typed, faults } = analyse(text, schema)
  if (typed !== null && faults.length === 0) walkQuery(typed)
  return [...calls.values()]
}

function analyse(text: string, schema: QuerySchema) {
  try {
    const { query, faults } = parseTokens(readTokens(text))
    const checked = typeQuery(query, schema)
    return {
      typed: checked.typed,
      faults: [...faults, ...checked.faults].toSorted((a, b) => a.span.start - b.span.start),
    }
  } catch (caught) {
    if (!(caught instanceof FoveaError) || caught.code !== 'QUERY_INVALID') throw caught
    const details = caught.details as Pick<QueryFault, 'span' | 'expected' | 'candidates'>
    return { typed: null, faults: [{ message: caught.message, hint: caught.hint ?? null, ...details }] }
  }
}
