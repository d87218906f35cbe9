import type { Catalog, DatasetRef } from '#catalog'

/** Samples with exactly one class in a layer. */
export interface GivenClasses {
  ids: number[]
  /** Names of the classes they have, in order of name. */
  classes: string[]
  /** Of each sample, as a place in `classes`. */
  classOf: Int32Array
  skipped: { reason: string; count: number }[]
}

/** Reads the class of samples, leaving out those with none or several. Throws LAYER_NOT_FOUND, QUERY_INVALID. */
export async function readGiven(
  catalog: Catalog,
  dataset: DatasetRef,
  { query, layer }: { query: string; layer: string },
): Promise<GivenClasses> {
  const wanted = await catalog.idsOf(dataset, { query })
  const { samples, names } = await catalog.membersOf(dataset, { classesOf: layer, kind: 'class' })
  const namesOf = new Map<number, string | null>()
  samples.forEach((id, i) => namesOf.set(id, namesOf.has(id) ? null : names[i]!))
  const ids = wanted.filter((id) => typeof namesOf.get(id) === 'string').toSorted((a, b) => a - b)
  const classes = [...new Set(ids.map((id) => namesOf.get(id)!))].toSorted()
  const places = new Map(classes.map((name, i) => [name, i]))
  const several = wanted.filter((id) => namesOf.get(id) === null).length
  const none = wanted.length - ids.length - several
  return {
    ids,
    classes,
    classOf: Int32Array.from(ids, (id) => places.get(namesOf.get(id)!)!),
    skipped: listSkipped({ 'no class label': none, 'several classes': several }),
  }
}

/** Reasons that befell any. */
export function listSkipped(counts: Record<string, number>): { reason: string; count: number }[] {
  return Object.entries(counts).flatMap(([reason, count]) => (count > 0 ? [{ reason, count }] : []))
}
