import { intersectBoxes } from './overlap.ts'

export interface VotedBox {
  annotator: number
  class: string
  x1: number
  y1: number
  x2: number
  y2: number
}

export interface ObjectGroup {
  /** At most one of each annotator. */
  boxes: VotedBox[]
}

/**
 * Boxes of several annotators that are about the same object: pairs of different annotators by falling overlap, of whatever class, are put together while the
 * overlap is at least `leastIou` and neither group has a box of an annotator of the other. Boxes alone are groups of one.
 */
export function matchObjects(boxes: readonly VotedBox[], leastIou: number): ObjectGroup[] {
  const pairs: { i: number; j: number; overlap: number }[] = []
  boxes.forEach((one, i) =>
    boxes.slice(i + 1).forEach((other, k) => {
      if (one.annotator === other.annotator) return
      const overlap = intersectBoxes(one, other)
      if (overlap >= leastIou) pairs.push({ i, j: i + 1 + k, overlap })
    }),
  )
  pairs.sort((a, b) => b.overlap - a.overlap || a.i - b.i || a.j - b.j)
  const groupOf: ObjectGroup[] = boxes.map((box) => ({ boxes: [box] }))
  for (const { i, j } of pairs) {
    const [into, from] = [groupOf[i]!, groupOf[j]!]
    if (into === from) continue
    const known = new Set(into.boxes.map(({ annotator }) => annotator))
    if (from.boxes.some(({ annotator }) => known.has(annotator))) continue
    into.boxes.push(...from.boxes)
    groupOf.forEach((group, at) => {
      if (group === from) groupOf[at] = into
    })
  }
  return [...new Set(groupOf)]
}
