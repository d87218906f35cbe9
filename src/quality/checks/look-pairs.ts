import type { DatasetRef } from '#catalog'
import type { CheckDeps } from './deps.ts'

/** Two samples that look alike, the earlier first. */
export interface LookPair {
  id: number
  otherId: number
  /** Cosine. */
  score: number
}

/** Ids of a scope as a set, to pick what a space knows; null for all. */
export async function idsOfScope(
  { catalog }: CheckDeps,
  dataset: DatasetRef,
  scope: string,
): Promise<Set<number> | null> {
  return scope.trim() === '' ? null : new Set(await catalog.ids(dataset, { scope }, Number.MAX_SAFE_INTEGER))
}

/** Pairs of samples of a scope by their vectors, most alike first, and the samples that have one. Throws SPACE_NOT_FOUND, SPACE_STALE. */
export async function findLookPairs(
  deps: CheckDeps,
  dataset: DatasetRef,
  scope: string,
  request: { space: string; threshold: number },
  signal: AbortSignal,
): Promise<{ ids: number[]; pairs: LookPair[] }> {
  const wanted = await idsOfScope(deps, dataset, scope)
  const found = await deps.looks!.findPairs(dataset, request, signal)
  const isIn = (id: number): boolean => wanted === null || wanted.has(id)
  const pairs = found.pairs.flatMap(({ a, b, score }) => {
    const [id, otherId] = [Math.min(found.ids[a]!, found.ids[b]!), Math.max(found.ids[a]!, found.ids[b]!)]
    return isIn(id) && isIn(otherId) ? [{ id, otherId, score }] : []
  })
  return {
    ids: Array.from(found.ids).filter(isIn),
    pairs: pairs.toSorted((x, y) => y.score - x.score || x.id - y.id || x.otherId - y.otherId),
  }
}
