/** Disjoint sets of the rows 0 … rows − 1; the root of a set is its lowest row. */
export interface DisjointSets {
  find(row: number): number
  unite(a: number, b: number): void
}

/** Union by lowest row with path halving (Tarjan & van Leeuwen 1984). */
export function createDisjointSets(rows: number): DisjointSets {
  const parent = new Int32Array(rows)
  for (let r = 0; r < rows; r++) parent[r] = r
  const find = (row: number): number => {
    let at = row
    while (parent[at]! !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  return {
    find,
    unite: (a, b) => {
      const rootA = find(a)
      const rootB = find(b)
      if (rootA < rootB) parent[rootB] = rootA
      else parent[rootA] = rootB
    },
  }
}
