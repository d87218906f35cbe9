import { quoteName } from '../shell/view.ts'

export interface Order {
  /** As the query writes it: a field, `objects`, `count("crack")`. */
  by: string
  isDescending: boolean
}

/** A query in three parts: its condition, what it orders by, its limit; each without the words that open it. */
interface QueryParts {
  where: string
  order: string | null
  limit: string | null
}

/** Parts a query at `order by` and `limit` outside of quotes. */
function partQuery(query: string): QueryParts {
  // Quoted texts and names are passed over, so that words inside of them do not count.
  const bare = query.replaceAll(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?/gs, (quoted) =>
    '_'.repeat(quoted.length),
  )
  const order = /(?<![\w.])order\s+by\b/i.exec(bare)
  const limit = /(?<![\w.])limit\s+(?=\d)/i.exec(bare)
  const end = limit?.index ?? query.length
  return {
    where: query.slice(0, Math.min(order?.index ?? end, end)).trim(),
    order: order === null ? null : query.slice(order.index + order[0].length, end).trim(),
    limit: limit === null ? null : query.slice(limit.index + limit[0].length).trim(),
  }
}

/** What a query orders by first; null when it leaves the order to the ids. */
export function readOrder(query: string): Order | null {
  const { order } = partQuery(query)
  if (order === null || order === '') return null
  const first = /^(`(?:[^`\\]|\\.)*`|[^,(`\s]+(?:\([^)]*\))?)\s*(asc|desc)?/i.exec(order)
  if (first === null) return null
  const by = first[1]!
  const name = by.startsWith('`') ? by.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : by
  return { by: name, isDescending: first[2]?.toLowerCase() === 'desc' }
}

/** The query with another order; null takes the order away. Its condition and its limit stay. */
export function writeOrder(query: string, order: Order | null): string {
  const { where, limit } = partQuery(query)
  const parts = [where]
  if (order !== null) {
    const by = /^[a-z_][\w.]*\(.*\)$/is.test(order.by) ? order.by : quoteName(order.by)
    parts.push(`order by ${by}${order.isDescending ? ' desc' : ''}`)
  }
  if (limit !== null) parts.push(`limit ${limit}`)
  return parts.filter((part) => part !== '').join(' ')
}
