import type { Label } from '#contract'
import { parseSampleId, throwIfAborted } from '#base'
import type { Catalog, DatasetRef } from '#catalog'
import type { Votes } from '../agreement.ts'
import { matchObjects, type VotedBox } from '../objects.ts'
import { intersectBoxes } from '../overlap.ts'

export interface ReadVotes {
  annotators: string[]
  /** At least two, so that there is an alternative. */
  classes: string[]
  votes: Votes
  /** Sample of each row of the votes: one row a sample, or an object. */
  ids: number[]
  /** Samples that each annotator looked at. */
  seen: number[]
  /** Mean overlap of what two annotators have both; NaN where it is not of boxes. */
  overlap(a: number, b: number): number
}

/** A box that an annotator did not draw where others did. */
const nothing = '(no box)'
/** A tag that says who looked at a sample: `seen:NAME`. */
const seenTag = 'seen:'

interface Seen {
  /** What counts as a vote, by annotator. */
  votes: Map<string, Label[]>
  /** Who looked, whether with a vote or not. */
  seen: Set<string>
}

/**
 * Who gave which class to what: the authors of one layer, or a layer each. Samples on which an annotator gave several classes have no vote of his.
 * Of boxes, rows are objects; an annotator who looked at the sample but drew no box there votes "(no box)". Who left a label of any kind looked, who is
 * named by a tag `seen:NAME`, and with `assumeSeen` everyone. Annotators are authors with a vote; of several layers, those that looked at anything.
 * Throws LAYER_NOT_FOUND, QUERY_INVALID.
 */
export async function readVotes(
  catalog: Catalog,
  dataset: DatasetRef,
  {
    query,
    layers,
    of,
    iou,
    assumeSeen,
  }: { query: string; layers: readonly string[]; of: 'classes' | 'boxes'; iou: number; assumeSeen: boolean },
  signal: AbortSignal,
): Promise<ReadVotes> {
  const bySample = new Map<number, Seen>()
  for (const layer of layers) {
    for await (const sample of catalog.exportSamples(dataset, { query }, layer)) {
      throwIfAborted(signal)
      const id = parseSampleId(sample.id)
      const own: Seen = bySample.get(id) ?? { votes: new Map(), seen: new Set() }
      bySample.set(id, own)
      for (const tag of sample.tags) if (tag.startsWith(seenTag)) own.seen.add(tag.slice(seenTag.length))
      for (const label of sample.labels) {
        const who = layers.length > 1 ? layer : label.author
        if (who === null) continue
        own.seen.add(who)
        if ((of === 'classes') !== (label.kind === 'class') || (of === 'boxes' && label.box === null)) continue
        own.votes.set(who, [...(own.votes.get(who) ?? []), label])
      }
    }
  }
  const samples = [...bySample.values()]
  const isAt = ({ seen }: Seen, who: string): boolean => assumeSeen || seen.has(who)
  const annotators = (
    layers.length > 1 && of === 'boxes'
      ? [...new Set(layers)].filter((layer) => samples.some((own) => isAt(own, layer)))
      : [...new Set(samples.flatMap(({ votes }) => [...votes.keys()]))]
  ).toSorted()
  const rows: { id: number; classes: (string | null)[] }[] = []
  const overlaps = new Map<string, number[]>()
  for (const [id, own] of bySample) {
    if (own.votes.size === 0) continue
    if (of === 'classes') {
      const classes = annotators.map((who) => {
        const names = new Set((own.votes.get(who) ?? []).map((label) => label.class))
        return names.size === 1 ? [...names][0]! : null
      })
      if (classes.some((name) => name !== null)) rows.push({ id, classes })
      continue
    }
    for (const { boxes } of matchObjects(toBoxes(own.votes, annotators), iou)) {
      noteOverlaps(boxes, overlaps)
      rows.push({
        id,
        classes: annotators.map(
          (who, a) => boxes.find(({ annotator }) => annotator === a)?.class ?? (isAt(own, who) ? nothing : null),
        ),
      })
    }
  }
  const classes = [...new Set(rows.flatMap((row) => row.classes.filter((name) => name !== null)))].toSorted()
  const places = new Map(classes.map((name, i) => [name, i]))
  return {
    annotators,
    classes,
    ids: rows.map(({ id }) => id),
    seen: annotators.map((who) => samples.filter((own) => isAt(own, who)).length),
    votes: {
      samples: rows.length,
      annotators: annotators.length,
      classes: Math.max(2, classes.length),
      data: Int32Array.from(rows.flatMap((row) => row.classes.map((name) => (name === null ? -1 : places.get(name)!)))),
    },
    overlap(a, b) {
      const all = overlaps.get(`${a},${b}`) ?? []
      return all.reduce((sum, one) => sum + one, 0) / all.length
    },
  }
}

function toBoxes(votes: ReadonlyMap<string, readonly Label[]>, annotators: readonly string[]): VotedBox[] {
  return annotators.flatMap((who, annotator) =>
    (votes.get(who) ?? []).map(({ box, class: name }) => ({
      annotator,
      class: name,
      x1: box!.x,
      y1: box!.y,
      x2: box!.x + box!.w,
      y2: box!.y + box!.h,
    })),
  )
}

function noteOverlaps(boxes: readonly VotedBox[], overlaps: Map<string, number[]>): void {
  for (const one of boxes)
    for (const other of boxes) {
      if (one.annotator >= other.annotator) continue
      const key = `${one.annotator},${other.annotator}`
      const known = overlaps.get(key)
      const overlap = intersectBoxes(one, other)
      if (known === undefined) overlaps.set(key, [overlap])
      else known.push(overlap)
    }
}
