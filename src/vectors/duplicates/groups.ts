import { FoveaError } from '#base'
import { createDisjointSets } from './union-find.ts'

export type DuplicateMethod = 'hash' | 'pixels' | 'embedding'

/** Two rows that show the same picture; the higher the score, the more alike. */
export interface DuplicatePair {
  a: number
  b: number
  score: number
  by: DuplicateMethod
}

export interface DuplicateGroup {
  /** Ascending, two or more. */
  rows: number[]
  /** Of each of `rows`, its best score with another of the group. */
  scores: number[]
  /** The row to keep: the one with the most links inside the group, the lowest of equals. */
  kept: number
  /** Over the links inside the group; links asked for while cutting count too. */
  minScore: number
  meanScore: number
  /** That found a link of the group, in the order hash, pixels, embedding. */
  methods: DuplicateMethod[]
}

export interface DuplicateGroups {
  /** Number of its group for every row, −1 for a row that is alone. */
  group: Int32Array
  /** By first row. */
  groups: DuplicateGroup[]
}

/** How far the members of a group may lie from the row that stands for it. */
export interface SpreadLimit {
  /** Least score of a member with the kept row. */
  minScoreToRepresentative: number
  /** Score of two rows that no pair links; the higher, the more alike. */
  score: (a: number, b: number) => number
}

const methodOrder: readonly DuplicateMethod[] = ['hash', 'pixels', 'embedding']

/**
 * Groups rows that pairs link, directly or through others (connected components). The same pair found by several methods is one link, with the
 * best of its scores; pairs of a row with itself say nothing.
 *
 * Links chain: in a video every frame is like the next, the first not like the last. With `maxSpread`, a group with a member that scores
 * below the limit with the kept row is cut: the kept row takes every member that reaches the limit with it, then the best linked of the
 * rest takes its own, until none is left; who takes nobody is alone. Cut groups suit reviewing and removing; a split that must not
 * leak wants them whole.
 *
 * Throws INPUT_INVALID for rows out of range and scores that are no numbers.
 */
export function groupPairs(
  rows: number,
  pairs: readonly DuplicatePair[],
  options: { maxSpread?: SpreadLimit } = {},
): DuplicateGroups {
  checkPairs(rows, pairs)
  const sets = createDisjointSets(rows)
  const links = linkRows(pairs)
  for (const { a, b } of pairs) sets.unite(a, b)
  const components = new Map<number, number[]>()
  for (const row of [...links.keys()].sort((a, b) => a - b)) {
    const root = sets.find(row)
    const members = components.get(root)
    if (members === undefined) components.set(root, [row])
    else members.push(row)
  }
  const { maxSpread } = options
  const clusters: Cluster[] = []
  for (const members of components.values()) {
    if (maxSpread === undefined) clusters.push({ rows: members, asked: [] })
    else clusters.push(...cutComponent(members, links, maxSpread))
  }
  clusters.sort((a, b) => a.rows[0]! - b.rows[0]!)
  const group = new Int32Array(rows).fill(-1)
  for (const [index, cluster] of clusters.entries()) for (const row of cluster.rows) group[row] = index
  const methods = clusters.map(() => new Set<DuplicateMethod>())
  for (const { a, b, by } of pairs) if (a !== b && group[a]! >= 0 && group[a] === group[b]) methods[group[a]!]!.add(by)
  return { group, groups: clusters.map((cluster, index) => describeGroup(cluster, links, group, methods[index]!)) }
}

interface Cluster {
  rows: number[]
  /** Scores with the kept row that no pair gave, by member. */
  asked: { a: number; b: number; score: number }[]
}

function checkPairs(rows: number, pairs: readonly DuplicatePair[]): void {
  const isRow = (row: number): boolean => Number.isInteger(row) && row >= 0 && row < rows
  for (const { a, b, score } of pairs) {
    if (!isRow(a) || !isRow(b))
      throw new FoveaError('INPUT_INVALID', `Expected pairs of rows 0 to ${rows - 1}, got ${a} and ${b}.`)
    if (!Number.isFinite(score))
      throw new FoveaError('INPUT_INVALID', `Expected a score of rows ${a} and ${b}, got ${score}.`)
  }
}

/** The links of every linked row, each pair once with its best score. */
function linkRows(pairs: readonly DuplicatePair[]): Map<number, Map<number, number>> {
  const links = new Map<number, Map<number, number>>()
  const add = (from: number, to: number, score: number): void => {
    let row = links.get(from)
    if (row === undefined) links.set(from, (row = new Map<number, number>()))
    row.set(to, Math.max(score, row.get(to) ?? -Infinity))
  }
  for (const { a, b, score } of pairs) {
    if (a === b) continue
    add(a, b, score)
    add(b, a, score)
  }
  return links
}

function cutComponent(
  members: readonly number[],
  links: Map<number, Map<number, number>>,
  limit: SpreadLimit,
): Cluster[] {
  const clusters: Cluster[] = []
  const degree = new Map(members.map((row) => [row, links.get(row)!.size]))
  const left = new Set(members)
  while (left.size > 1) {
    const kept = findBestLinked(left, degree)
    const cluster: Cluster = { rows: [kept], asked: [] }
    for (const row of left) {
      if (row === kept) continue
      const linked = links.get(kept)!.get(row)
      const score = linked ?? limit.score(kept, row)
      if (!(score >= limit.minScoreToRepresentative)) continue
      cluster.rows.push(row)
      if (linked === undefined) cluster.asked.push({ a: kept, b: row, score })
    }
    for (const row of cluster.rows) {
      left.delete(row)
      for (const other of links.get(row)!.keys()) degree.set(other, degree.get(other)! - 1)
    }
    if (cluster.rows.length > 1) clusters.push({ ...cluster, rows: cluster.rows.sort((a, b) => a - b) })
  }
  return clusters
}

/** `rows` ascend. */
function findBestLinked(rows: Iterable<number>, degree: ReadonlyMap<number, number>): number {
  let best = -1
  let most = -1
  for (const row of rows) {
    if (degree.get(row)! <= most) continue
    most = degree.get(row)!
    best = row
  }
  return best
}

function describeGroup(
  { rows, asked }: Cluster,
  links: Map<number, Map<number, number>>,
  group: Int32Array,
  methods: ReadonlySet<DuplicateMethod>,
): DuplicateGroup {
  const best = new Map<number, number>()
  const degree = new Map(rows.map((row) => [row, 0]))
  let sum = 0
  let count = 0
  let minScore = Infinity
  const add = (a: number, b: number, score: number): void => {
    for (const row of [a, b]) {
      degree.set(row, degree.get(row)! + 1)
      best.set(row, Math.max(score, best.get(row) ?? -Infinity))
    }
    sum += score
    count++
    if (score < minScore) minScore = score
  }
  for (const a of rows) for (const [b, score] of links.get(a)!) if (a < b && group[b] === group[a]) add(a, b, score)
  for (const { a, b, score } of asked) add(a, b, score)
  return {
    rows,
    scores: rows.map((row) => best.get(row)!),
    kept: findBestLinked(rows, degree),
    minScore,
    meanScore: sum / count,
    methods: methodOrder.filter((method) => methods.has(method)),
  }
}
