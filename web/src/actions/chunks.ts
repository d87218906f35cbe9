/** Ids that one operation takes as a query of at most 20 000 characters. */
const idsPerQuery = 1_500

/** Queries that together find some samples, each short enough for an operation. */
export function queriesOf(ids: Iterable<number>, perQuery: number = idsPerQuery): string[] {
  const all = [...ids]
  const queries: string[] = []
  for (let from = 0; from < all.length; from += perQuery) {
    const part = all.slice(from, from + perQuery).map((id) => `s_${id}`)
    queries.push(`id in (${part.join(', ')})`)
  }
  return queries
}
