import { labelKinds } from '#contract'
import type { QuerySchema } from '#query'
import { readSeveralColumn, type NameColumn, type Source } from './columns.ts'

/** Things a sample can have several of. */
export type JoinedName = 'class' | 'kind' | 'layer' | 'tag' | 'folder'
export const joinedNames: readonly JoinedName[] = ['class', 'kind', 'layer', 'tag', 'folder']
export const isJoined = (name: string): name is JoinedName => (joinedNames as readonly string[]).includes(name)

interface JoinedCounts {
  /** Samples that have any. */
  present: number
  /** Most frequent first; a sample counts once for each of its values. */
  values: { value: string; count: number }[]
}

/** Samples by the values of something they can have several of. `places`: the samples that count; null for all. */
export async function readJoined(
  source: Source,
  name: Exclude<JoinedName, 'folder'>,
  places: Int32Array | null,
): Promise<JoinedCounts> {
  const { from, known } = joinOf(source.schema, name)
  const names = new Map(known.map((one) => [one.id, one.name]))
  const { starts, things, values } = await readSeveralColumn(source, from)
  const counts = new Int32Array(values.length)
  const samples = places?.length ?? starts.length - 1
  let present = 0
  for (let i = 0; i < samples; i++) {
    const place = places === null ? i : places[i]!
    const start = starts[place]!
    const end = starts[place + 1]!
    if (start < end) present++
    for (let at = start; at < end; at++) counts[things[at]!]!++
  }
  // A label without a class is a label all the same.
  if (values[0] === -1) counts[0] = 0
  return { present, values: listCounts(counts, (thing) => names.get(values[thing]!) ?? '') }
}

/** Samples by a name of which each has one at most. */
export function countNames<T extends string | boolean>(
  { names, codes }: NameColumn<T>,
  places: Int32Array | null,
): { present: number; values: { value: T; count: number }[] } {
  const counts = new Int32Array(names.length)
  const samples = places?.length ?? codes.length
  let present = 0
  for (let i = 0; i < samples; i++) {
    const code = codes[places === null ? i : places[i]!]!
    if (code < 0) continue
    present++
    counts[code]!++
  }
  return { present, values: listCounts(counts, (code) => names[code]!) }
}

/** The most frequent first, equal ones in their order; those of none are left out. */
function listCounts<T>(counts: Int32Array, nameOf: (i: number) => T): { value: T; count: number }[] {
  return Array.from(counts, (count, i) => ({ i, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.i - b.i)
    .map(({ i, count }) => ({ value: nameOf(i), count }))
}

/** A statement for rows of sample_id and value, also repeated ones, and the names of the values. */
function joinOf(
  schema: QuerySchema,
  name: Exclude<JoinedName, 'folder'>,
): { from: string; known: readonly { id: number; name: string }[] } {
  const { labels, tags } = schema.tables
  const layer = schema.layers.find((one) => one.name === schema.defaultLayer)?.id ?? -1
  switch (name) {
    case 'class':
      return {
        from: `SELECT sample_id, class_id AS value FROM ${labels} WHERE layer_id = ${layer}`,
        known: schema.classes,
      }
    case 'kind':
      return {
        from: `SELECT sample_id, kind AS value FROM ${labels} WHERE layer_id = ${layer}`,
        known: labelKinds.map((kind, id) => ({ id, name: kind })),
      }
    case 'layer':
      return { from: `SELECT sample_id, layer_id AS value FROM ${labels}`, known: schema.layers }
    case 'tag':
      return { from: `SELECT sample_id, tag_id AS value FROM ${tags}`, known: schema.tags }
  }
}
