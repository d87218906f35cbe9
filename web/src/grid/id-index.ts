/** Finds the place of an id in a list; −1 where it is not in it. The first place counts where an id stands more than once. */
export function indexIds(ids: Int32Array): (id: number) => number {
  let largest = 0
  for (let i = 0; i < ids.length; i++) if (ids[i]! > largest) largest = ids[i]!
  if (largest > ids.length * 8 + 1_000_000) {
    const places = new Map<number, number>()
    for (let i = ids.length - 1; i >= 0; i--) places.set(ids[i]!, i)
    return (id) => places.get(id) ?? -1
  }
  // Places count from one, so that a fresh array says "not there".
  const places = new Int32Array(largest + 1)
  for (let i = ids.length - 1; i >= 0; i--) places[ids[i]!] = i + 1
  return (id) => (places[id] ?? 0) - 1
}
