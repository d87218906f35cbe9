import type { DatasetRef, QualityPort } from '#catalog'

/** What checks ask of embeddings. Neither embeds anything nor writes. */
export interface LooksPort {
  /**
   * The space that `space` names, or the main one; undefined where the dataset has none. `isCurrent` says whether every sample has a vector
   * of its picture as it is now, `sameFrom` from which cosine two pictures count as the same. Throws SPACE_NOT_FOUND for a name.
   */
  findSpace(
    dataset: DatasetRef,
    space: string | undefined,
  ): Promise<{ name: string; isCurrent: boolean; sameFrom: number } | undefined>
  /** Pairs of samples (all when `ids` is undefined) of at least that cosine. Throws SPACE_NOT_FOUND, SPACE_STALE. */
  findPairs(
    dataset: DatasetRef,
    request: { space: string; threshold: number },
    signal: AbortSignal,
  ): Promise<{ ids: ArrayLike<number>; pairs: { a: number; b: number; score: number }[] }>
  /** Mean cosine distance of every sample to its nearest others. Throws SPACE_NOT_FOUND, SPACE_STALE. */
  scoreOutliers(
    dataset: DatasetRef,
    space: string,
    signal: AbortSignal,
  ): Promise<{ ids: ArrayLike<number>; score: ArrayLike<number> }>
}

export interface CheckDeps {
  catalog: QualityPort
  /** Left out, checks that can do without vectors go by hashes. */
  looks?: LooksPort | undefined
}
