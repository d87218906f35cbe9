/** A sample, and the share of its row's height at which a line of the screen cuts it. */
export interface Anchor {
  sample: number
  item: number
  share: number
  viewportY: number
}

/** Where each query was left, for coming back from another view. */
const leftAt = new Map<string, Anchor>()
const mostLeft = 50

/** Keeps where a query was left; null for its very start. */
export function leavePlace(key: string, anchor: Anchor | null): void {
  leftAt.delete(key)
  if (anchor !== null) leftAt.set(key, anchor)
  for (const old of leftAt.keys()) if (leftAt.size > mostLeft) leftAt.delete(old)
}

export const recallPlace = (key: string): Anchor | null => leftAt.get(key) ?? null

const farthest = 10_000

/** An anchor's item among other samples: its own, else the next one of the old that is still there, else the same number. */
export function findAgain(
  anchor: Anchor,
  old: Int32Array,
  next: { ids: Int32Array; find: (id: number) => number },
): number {
  const own = next.find(anchor.sample)
  if (own >= 0) return own
  for (let i = anchor.item + 1; i < Math.min(old.length, anchor.item + farthest); i++) {
    const place = next.find(old[i]!)
    if (place >= 0) return place
  }
  return Math.min(anchor.item, next.ids.length - 1)
}
