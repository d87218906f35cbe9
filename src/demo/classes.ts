/** Classes and their share of the tiles. */
const shares = { blowhole: 0.14, break: 0.11, crack: 0.11, fray: 0.08, free: 0.45, uneven: 0.11 }

export type TileClass = keyof typeof shares
export const tileClasses = Object.keys(shares) as TileClass[]

/** Classes of `tiles` tiles, sorted: one of each, then always the class that lags most behind its share. */
export function apportionClasses(tiles: number): TileClass[] {
  const counts = new Map(tileClasses.map((name) => [name, 1]))
  for (let given = tileClasses.length; given < tiles; given++) {
    const lag = (name: TileClass): number => shares[name] * tiles - counts.get(name)!
    const next = tileClasses.reduce((best, name) => (lag(name) > lag(best) ? name : best))
    counts.set(next, counts.get(next)! + 1)
  }
  return tileClasses.flatMap((name) => Array.from({ length: counts.get(name)! }, () => name))
}
