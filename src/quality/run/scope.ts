import { FoveaError } from '#base'
import { checkQuery, parseQuery, type QuerySchema } from '#query'

/** One query that asks for all of them; empty ones ask for nothing. */
export function joinQueries(queries: readonly (string | null | undefined)[]): string {
  const asked = [...new Set(queries.map((query) => query?.trim() ?? '').filter((query) => query !== ''))]
  return asked.length === 1 ? asked[0]! : asked.map((query) => `(${query})`).join(' and ')
}

/**
 * Reads a query that will be joined with others. Throws QUERY_INVALID with `{ span }`, also for an order or a limit, which
 * would mean something else once joined.
 */
export function checkPlainQuery(text: string, schema: QuerySchema): void {
  const query = parseQuery(text)
  const [problem] = checkQuery(text, schema)
  if (problem !== undefined) {
    throw new FoveaError('QUERY_INVALID', problem.message, {
      ...(problem.hint === null ? {} : { hint: problem.hint }),
      details: { span: problem.span },
    })
  }
  const tail = query.order[0]?.span ?? query.limit?.span
  if (tail === undefined) return
  throw new FoveaError(
    'QUERY_INVALID',
    `Expected a query without order and limit, got one at character ${tail.start + 1}.`,
    {
      hint: 'Save it with its limit (fovea slice save NAME QUERY) and use slice:NAME.',
      details: { span: tail },
    },
  )
}
