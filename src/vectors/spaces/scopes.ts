import { formatSampleId } from '#base'

/** Well below what a query may hold. */
const idsPerQuery = 1_000

/** Queries that name samples one by one. */
export function nameSamples(ids: Iterable<number>): string[] {
  const names = Array.from(ids, formatSampleId)
  const queries: string[] = []
  for (let from = 0; from < names.length; from += idsPerQuery)
    queries.push(`id in (${names.slice(from, from + idsPerQuery).join(',')})`)
  return queries
}

/** Whether a query asks by looks, or may through a slice: what it matches depends on a space, which must not depend on itself. */
export const asksByLooks = (query: string): boolean => /\b(similar|text)\s*\(|\bslice\b/i.test(query)
