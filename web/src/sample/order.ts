/** Where a sample stands in an order, 0-based; -1 when it is not there. Near the last place it is found at once. */
export function findPlace(ids: Int32Array, id: number, near: number): number {
  for (let step = 0; step <= 8; step++) {
    if (ids[near + step] === id) return near + step
    if (ids[near - step] === id) return near - step
  }
  return ids.indexOf(id)
}

/**
 * Samples whose pictures are worth having ready, the likeliest first: the next ones in the direction of travel, then the ones behind.
 * `at` is the place of the open sample; it is not among them.
 */
export function choosePrefetch(ids: Int32Array, at: number, direction: 1 | -1, ahead = 3, behind = 1): number[] {
  if (at < 0 || at >= ids.length) return []
  const chosen: number[] = []
  const take = (place: number): void => {
    const id = ids[place]
    if (id !== undefined) chosen.push(id)
  }
  if (ahead > 0) take(at + direction)
  for (let step = 1; step <= behind; step++) take(at - direction * step)
  for (let step = 2; step <= ahead; step++) take(at + direction * step)
  return chosen
}
