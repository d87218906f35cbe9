import type { DatasetRef, QualityPort } from '#catalog'

/** What checks ask of embeddings. Neither embeds anything nor writes. */
export interface LooksPort {
  /** Name of the space that `space` names, or of the main one; undefined where the dataset has none. */
  findSpace(dataset: DatasetRef, space: string | undefined): Promise<string | undefined>
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
