import { formatSampleId, type CallContext } from '#base'
import type { DatasetRef } from '#catalog'
import { builtInModels } from '#models'
import type { VectorDeps } from './deps.ts'
import { type DuplicatePair } from './duplicates/groups.ts'
import { findHashPairs } from './duplicates/hash-pairs.ts'
import { embedDataset } from './spaces/embed.ts'
import type { SpaceView } from './spaces/view.ts'

/**
 * Least correlation of the small pictures, and least cosine of embeddings, of two pictures that count as the same scene. On tiles
 * that were photographed six times each, 0.95 of correlation still links different tiles into groups of hundreds; 0.97 does not.
 */
export const defaultThresholds = { pixels: 0.97, embedding: 0.95 }

export interface SamenessRequest {
  by: 'auto' | 'hash' | 'pixels' | 'embedding'
  threshold: number | undefined
  space: string | undefined
}

/** Pairs of samples that show the same scene; rows stand for `ids`. */
export interface SamePictures {
  by: SamenessRequest['by']
  threshold: number
  ids: number[]
  pairs: DuplicatePair[]
}

/**
 * Pairs of the samples that `ids` names (all when undefined) that show the same scene. `hash`: equal bytes or equal perceptual
 * hashes; `pixels`: small grey pictures that correlate; `embedding`: vectors of a space that point the same way; `auto`: equal
 * bytes and pixels. What `pixels` needs is made and kept as the space `pixels`.
 */
export async function findSamePictures(
  deps: VectorDeps,
  dataset: DatasetRef,
  { by, threshold: asked, space }: SamenessRequest,
  chosen: readonly number[] | undefined,
  context: CallContext,
): Promise<SamePictures> {
  const threshold = asked ?? (by === 'embedding' ? defaultThresholds.embedding : defaultThresholds.pixels)
  const hashes = await deps.catalog.columnsOf(dataset, ['md5', 'phash'])
  const wanted = chosen === undefined ? undefined : new Set(chosen)
  const picked = hashes.ids.flatMap((id, i) => (wanted === undefined || wanted.has(id) ? [i] : []))
  const ids = picked.map((i) => hashes.ids[i]!)
  const rowOf = new Map(ids.map((id, row) => [id, row]))
  const pairs: DuplicatePair[] = []
  if (by === 'auto' || by === 'hash') {
    pairs.push(...pairEqual(picked.map((i) => String(hashes.columns[0]![i]))))
    if (by === 'hash') {
      const perceptual = picked.map((i) => hashes.columns[1]![i] as string | null)
      pairs.push(...(await findHashPairs(perceptual, {}, context)))
    }
  }
  if (by !== 'hash') {
    const view = by === 'embedding' ? await deps.spaces.open(dataset, space) : await openPixels(deps, dataset, context)
    const found = await deps.engine.run('pairs', { source: view.source, threshold }, context)
    const method = by === 'embedding' ? 'embedding' : 'pixels'
    for (let i = 0; i < found.a.length; i++) {
      const a = rowOf.get(view.ids[found.a[i]!]!)
      const b = rowOf.get(view.ids[found.b[i]!]!)
      if (a !== undefined && b !== undefined)
        pairs.push({ a: Math.min(a, b), b: Math.max(a, b), score: Math.min(1, found.scores[i]!), by: method })
    }
  }
  return { by, threshold: by === 'hash' ? 1 : threshold, ids, pairs }
}

/** Rows with equal text, each paired with the first of its kind. */
function pairEqual(texts: readonly string[]): DuplicatePair[] {
  const first = new Map<string, number>()
  const pairs: DuplicatePair[] = []
  texts.forEach((text, row) => {
    const earlier = first.get(text)
    if (earlier === undefined) first.set(text, row)
    else pairs.push({ a: earlier, b: row, score: 1, by: 'hash' })
  })
  return pairs
}

/** The space of small grey pictures, brought up to date. */
async function openPixels(deps: VectorDeps, dataset: DatasetRef, context: CallContext): Promise<SpaceView> {
  const model = await deps.shelf.find(builtInModels.pixels)
  const space = builtInModels.pixels
  const embedder = deps.embedders.open(model)
  await embedDataset(deps, { dataset, query: '', model, embedder, of: 'samples', layer: 'truth', space }, context)
  return deps.spaces.open(dataset, space)
}

/** Paths of samples, by id. */
export async function pathsOf(
  deps: VectorDeps,
  dataset: DatasetRef,
  ids: readonly number[],
): Promise<Map<number, string>> {
  const rows = await deps.catalog.mediaOf(dataset, ids)
  return new Map(rows.map((row) => [row.id, row.path]))
}

/** A sample as lists of it name it. */
export function nameSample(id: number, paths: ReadonlyMap<number, string>): { sample: string; path: string } {
  return { sample: formatSampleId(id), path: paths.get(id) ?? '' }
}
