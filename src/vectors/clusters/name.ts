import { compareCodePoints, FoveaError } from '#base'

export interface ClusterFacts {
  /** Cluster of every row; below 0 for none. */
  assignment: ArrayLike<number>
  /** Class of every row, where it has one. */
  classes: readonly (string | undefined)[]
  /** Tags of every row. */
  tags: readonly (readonly string[])[]
}

export interface NamedCluster {
  /** As in the assignment; −1 for the rows of none. */
  id: number
  size: number
  /** Differs from the names of all others. */
  name: string
  /** The five most frequent classes, with their shares of the rows that have a class, 0 to 1. */
  classes: { name: string; share: number }[]
  /**
   * At most five tags, the most telling first: `lift` is how many times as frequent the tag is here as in the whole
   * set.
   */
  tags: { name: string; lift: number }[]
}

const listed = 5
const dominantShare = 0.6
const pairShare = 0.8
/** Classes name a cluster only when so many of its rows have one, or all of fewer. */
const leastLabelled = { rows: 3, share: 0.1 }
/** Tags speak for a cluster only from so many rows and so much lift. */
const leastTagged = { rows: 3, share: 0.2, lift: 1.2 }
const unclustered = 'unclustered'
const nameless = 'cluster'

/**
 * Sizes, contents and names of clusters, by falling size, the rows of none last. A cluster is named by a class that
 * at least 60 % of its labelled rows have ("crack"), else by two that at least 80 % have together ("crack + fray"),
 * else by its most telling tag, else "cluster". Tags are ranked by share × ln(lift), in the manner of TF-IDF. Of
 * clusters with the same name the largest keeps it; the others add the first tag that the earlier ones lack ("crack,
 * dark"), else a number ("crack 2"). Throws INTERNAL when the lengths differ.
 */
export function nameClusters({ assignment, classes, tags }: ClusterFacts): NamedCluster[] {
  const rows = assignment.length
  if (classes.length !== rows || tags.length !== rows)
    throw new FoveaError(
      'INTERNAL',
      `Expected classes and tags of ${rows} rows, got ${classes.length} and ${tags.length}.`,
    )
  const members = new Map<number, number[]>()
  for (let r = 0; r < rows; r++) {
    const id = Math.max(-1, assignment[r]!)
    const known = members.get(id)
    if (known) known.push(r)
    else members.set(id, [r])
  }
  const overall = countNames(tags)
  const clusters = [...members].map(([id, own]): NamedCluster & { base: string } => {
    const ownClasses = own.flatMap((r) => classes[r] ?? [])
    const shares = rankNames(countNames(ownClasses.map((name) => [name])), (count) => count / ownClasses.length)
    const ownTags = rankTags(countNames(own.map((r) => tags[r]!)), own.length, overall, rows)
    const labelled =
      ownClasses.length >= Math.max(Math.min(leastLabelled.rows, own.length), leastLabelled.share * own.length)
    const base = (labelled ? nameByClass(shares) : undefined) ?? ownTags[0]?.name ?? nameless
    return {
      id,
      size: own.length,
      name: id < 0 ? unclustered : base,
      classes: shares.slice(0, listed).map(({ name, value }) => ({ name, share: value })),
      tags: ownTags,
      base: id < 0 ? unclustered : base,
    }
  })
  clusters.sort((a, b) => Math.sign(b.id + 0.5) - Math.sign(a.id + 0.5) || b.size - a.size || a.id - b.id)
  const taken = new Set([unclustered])
  clusters.forEach((cluster, i) => {
    if (cluster.id < 0) return
    const namesakes = clusters.slice(0, i).filter(({ base }) => base === cluster.base)
    cluster.name = findFreeName(cluster, namesakes, taken)
    taken.add(cluster.name)
  })
  return clusters.map(({ base: _, ...cluster }) => cluster)
}

function nameByClass([first, second]: { name: string; value: number }[]): string | undefined {
  if (first === undefined) return undefined
  if (first.value >= dominantShare) return first.name
  return second !== undefined && first.value + second.value >= pairShare ? `${first.name} + ${second.name}` : undefined
}

function findFreeName(cluster: NamedCluster, namesakes: readonly NamedCluster[], taken: ReadonlySet<string>): string {
  const { name } = cluster
  if (name !== nameless && !taken.has(name)) return name
  const worn = new Set(namesakes.flatMap(({ tags }) => tags.map((tag) => tag.name)))
  for (const tag of cluster.tags) {
    const longer = `${name}, ${tag.name}`
    if (tag.name !== name && !worn.has(tag.name) && !taken.has(longer)) return longer
  }
  let number = name === nameless ? 1 : 2
  while (taken.has(`${name} ${number}`)) number++
  return `${name} ${number}`
}

/** In how many of the lists each name occurs. */
function countNames(lists: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const list of lists) for (const name of new Set(list)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** Names by falling value, equal ones by name. */
function rankNames(
  counts: ReadonlyMap<string, number>,
  valueOf: (count: number, name: string) => number,
): { name: string; value: number }[] {
  return [...counts]
    .map(([name, count]) => ({ name, value: valueOf(count, name) }))
    .sort((a, b) => b.value - a.value || compareCodePoints(a.name, b.name))
}

function rankTags(
  counts: ReadonlyMap<string, number>,
  size: number,
  overall: ReadonlyMap<string, number>,
  rows: number,
): NamedCluster['tags'] {
  const liftOf = (name: string): number => counts.get(name)! / size / (overall.get(name)! / rows)
  return rankNames(counts, (count, name) => (count / size) * Math.log(liftOf(name)))
    .map(({ name }) => ({ name, lift: liftOf(name) }))
    .filter(({ name, lift }) => {
      const count = counts.get(name)!
      return lift >= leastTagged.lift && count >= leastTagged.rows && count >= leastTagged.share * size
    })
    .slice(0, listed)
}
