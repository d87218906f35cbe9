const kept = 50
const keyOf = (dataset: string): string => `fovea-queries:${dataset}`

/** Queries that were applied to a dataset, newest first. */
export function readHistory(dataset: string): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(dataset)) ?? '[]')
    return Array.isArray(found) ? found.filter((one): one is string => typeof one === 'string').slice(0, kept) : []
  } catch {
    // Text that something else left there, or a browser that keeps nothing.
    return []
  }
}

/** Puts a query in front of a history; it stands there once. */
export const withQuery = (history: readonly string[], query: string): string[] =>
  [query, ...history.filter((one) => one !== query)].slice(0, kept)

export function keepQuery(dataset: string, query: string): void {
  if (query.trim() === '') return
  try {
    localStorage.setItem(keyOf(dataset), JSON.stringify(withQuery(readHistory(dataset), query)))
  } catch {
    // Without room the history stays as it was.
  }
}
