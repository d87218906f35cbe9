import type { DuplicatePair } from '../duplicates/groups.ts'

export interface Leak extends DuplicatePair {
  splitA: string
  splitB: string
}

export interface Leaks {
  /** Most alike first. */
  leaks: Leak[]
  /** Pairs of splits by name, the one with the most leaks first. */
  between: { a: string; b: string; pairs: number }[]
}

/** Pairs whose rows lie in two different splits; rows without a split leak nowhere. A pair found by several methods counts once. */
export function findLeaks(pairs: readonly DuplicatePair[], splits: readonly (string | undefined)[]): Leaks {
  const best = new Map<string, Leak>()
  for (const pair of pairs) {
    const splitA = splits[pair.a]
    const splitB = splits[pair.b]
    if (splitA === undefined || splitB === undefined || splitA === splitB) continue
    const key = `${pair.a} ${pair.b}`
    if ((best.get(key)?.score ?? -Infinity) < pair.score) best.set(key, { ...pair, splitA, splitB })
  }
  const counts = new Map<string, { a: string; b: string; pairs: number }>()
  for (const { splitA, splitB } of best.values()) {
    const [a, b] = splitA < splitB ? [splitA, splitB] : [splitB, splitA]
    const known = counts.get(JSON.stringify([a, b]))
    if (known === undefined) counts.set(JSON.stringify([a, b]), { a, b, pairs: 1 })
    else known.pairs++
  }
  return {
    leaks: [...best.values()].toSorted((x, y) => y.score - x.score || x.a - y.a || x.b - y.b),
    between: [...counts.values()].toSorted((x, y) => y.pairs - x.pairs),
  }
}
