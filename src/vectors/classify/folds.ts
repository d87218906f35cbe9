import type { Rng } from '#base'

/**
 * Fold of every row, 0 to folds − 1, so that every class is spread evenly and rows of one group (a number ≥ 0; −1 for none) share a fold.
 * Groups are placed one after the other, large ones first, each into the fold that has the least of its classes; of equal folds into the
 * smaller, then by chance.
 */
export function assignFolds(
  classOf: Int32Array,
  groupOf: Int32Array | null,
  { folds, classes, rng }: { folds: number; classes: number; rng: Rng },
): Uint8Array {
  const units = new Map<number, number[]>()
  for (let row = 0; row < classOf.length; row++) {
    const group = groupOf?.[row] ?? -1
    // Rows on their own get numbers that no group has.
    const key = group >= 0 ? group : -1 - row
    const members = units.get(key)
    if (members === undefined) units.set(key, [row])
    else members.push(row)
  }
  const order = rng.shuffle([...units.values()]).toSorted((a, b) => b.length - a.length)
  const filled = new Int32Array(folds)
  const ofClass = new Int32Array(folds * classes)
  const foldOf = new Uint8Array(classOf.length)
  order.forEach((members, turn) => {
    let best = 0
    let bestCost = Infinity
    for (let i = 0; i < folds; i++) {
      // Start at another fold each time, so that equal ones take turns.
      const fold = (turn + i) % folds
      let cost = 0
      for (const row of members) cost += ofClass[fold * classes + classOf[row]!]!
      cost = cost / members.length + filled[fold]! / (classOf.length + 1)
      if (cost < bestCost) {
        bestCost = cost
        best = fold
      }
    }
    filled[best]! += members.length
    for (const row of members) {
      ofClass[best * classes + classOf[row]!]!++
      foldOf[row] = best
    }
  })
  return foldOf
}
