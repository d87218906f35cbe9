import { setImmediate } from 'node:timers/promises'
import { FoveaError, throwIfAborted } from '#base'
import type { LongWork } from '../types.ts'
import { emptyBits, join, meet, setBit, type Bits } from './bits.ts'
import { listConditions, scoreF1, type Condition, type ExplainColumn } from './conditions.ts'

export interface ExplainRequest {
  columns: readonly ExplainColumn[]
  /** 1 for the rows of the selection. */
  inside: Uint8Array
  /** Tests joined by `and`, at most. 3 when absent. */
  maxConditions?: number
  /** Answers, at most. 5 when absent. */
  limit?: number
}

export interface Explanation {
  query: string
  /** Share of the rows it matches that are selected. */
  precision: number
  /** Share of the selected rows that it matches. */
  recall: number
  f1: number
  count: number
  /** Tests in it; a list of values counts each. */
  conditions: number
}

const beamWidth = 24
const keptConditions = 200
/** What each further test must be worth in F1, and what `or` must. */
const conditionCost = 0.01
const unionGain = 0.05

interface Clause {
  parts: Condition[]
  bits: Bits
  count: number
  hits: number
  score: number
  cost: number
}

/**
 * Short queries that describe a selection, the best first: beam search over conjunctions of tests of fields, classes and tags, in
 * the manner of subgroup discovery (Lavrač et al. 2004, CN2-SD), then unions of two that make F1 better by 0.05. Scored by F1
 * less 0.01 a test, so of two that describe it alike the shorter comes first. Empty when nothing is better than taking all.
 * Throws INPUT_INVALID for an empty selection, CANCELLED on abort.
 */
export async function explainSelection(request: ExplainRequest, { signal }: LongWork = {}): Promise<Explanation[]> {
  const { columns, inside: marks, maxConditions = 3, limit = 5 } = request
  const rows = marks.length
  const inside = emptyBits(rows)
  let selected = 0
  marks.forEach((mark, row) => {
    if (mark !== 1) return
    setBit(inside, row)
    selected++
  })
  if (selected === 0)
    throw new FoveaError('INPUT_INVALID', 'The selection is empty, so there is nothing to explain.', {
      hint: 'Give a query that matches something.',
    })
  const clauseOf = (parts: Condition[], { bits, count, hits }: { bits: Bits; count: number; hits: number }): Clause => {
    const cost = parts.reduce((sum, part) => sum + part.cost, 0)
    return { bits, count, hits, parts, cost, score: scoreF1(hits, count, selected) - conditionCost * (cost - 1) }
  }
  const singles: Clause[] = []
  for (const column of columns) {
    await setImmediate()
    throwIfAborted(signal)
    for (const condition of listConditions(column, inside, selected, rows))
      if (condition.hits > 0 && condition.count < rows) singles.push(clauseOf([condition], condition))
  }
  // Tests that keep much of the selection can be narrowed down by others.
  const useful = singles
    .toSorted((a, b) => usefulness(b, selected, rows) - usefulness(a, selected, rows))
    .slice(0, keptConditions)
  let beam = best(singles, beamWidth)
  const found = [...singles]
  for (let size = 2; size <= maxConditions; size++) {
    const wider: Clause[] = []
    const starts = size === 2 ? distinct([...beam, ...useful.slice(0, beamWidth)]) : beam
    for (const clause of starts) {
      await setImmediate()
      throwIfAborted(signal)
      for (const {
        parts: [other],
      } of useful) {
        if (clause.parts.some((part) => part.column === other!.column)) continue
        const joined = clauseOf([...clause.parts, other!], meet(clause.bits, other!.bits, inside))
        if (joined.hits > 0 && joined.score > clause.score && joined.count < clause.count) wider.push(joined)
      }
    }
    beam = best(distinct(wider), beamWidth)
    found.push(...beam)
  }
  const all = scoreF1(selected, rows, selected)
  const ranked = best(distinct(found), Math.max(limit, beamWidth)).filter((clause) => clause.score > all)
  const unions = unite(ranked, distinct(found), inside, selected)
  const clauses = dropNarrower(ranked).map((clause) => describe(clause, writeClause(clause), clause.cost, selected))
  return [...unions, ...clauses]
    .toSorted((a, b) => b.f1 - conditionCost * b.conditions - (a.f1 - conditionCost * a.conditions))
    .slice(0, limit)
}

/** How much of the selection a test keeps, and how much of the rest it drops (weighted relative accuracy). */
function usefulness({ hits, count }: Clause, selected: number, rows: number): number {
  return hits / selected - (count - hits) / Math.max(1, rows - selected)
}

function best(clauses: readonly Clause[], limit: number): Clause[] {
  return clauses
    .toSorted(
      (a, b) => b.score - a.score || a.parts.length - b.parts.length || compareText(writeClause(a), writeClause(b)),
    )
    .slice(0, limit)
}

/** Without those that only add tests to a better one. */
function dropNarrower(ranked: readonly Clause[]): Clause[] {
  const kept: Clause[] = []
  for (const clause of ranked) {
    const texts = new Set(clause.parts.map(({ text }) => text))
    if (!kept.some(({ parts }) => parts.every(({ text }) => texts.has(text)))) kept.push(clause)
  }
  return kept
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The same tests in another order are the same clause. */
function distinct(clauses: readonly Clause[]): Clause[] {
  const seen = new Map<string, Clause>()
  for (const clause of clauses) {
    const key = clause.parts
      .map(({ text }) => text)
      .toSorted(compareText)
      .join('\n')
    if (!seen.has(key)) seen.set(key, clause)
  }
  return [...seen.values()]
}

/** Unions of two pure clauses, where they describe the selection clearly better than either. */
function unite(ranked: readonly Clause[], found: readonly Clause[], inside: Bits, selected: number): Explanation[] {
  const top = ranked[0] === undefined ? 0 : scoreF1(ranked[0].hits, ranked[0].count, selected)
  const pure = found
    .filter(({ hits, count }) => hits / count > 0.6)
    .toSorted((a, b) => b.hits - a.hits || a.parts.length - b.parts.length)
    .slice(0, 40)
  const unions: Explanation[] = []
  for (let i = 0; i < pure.length; i++)
    for (let j = i + 1; j < pure.length; j++) {
      const [a, b] = [pure[i]!, pure[j]!]
      const both = join(a.bits, b.bits, inside)
      if (scoreF1(both.hits, both.count, selected) < top + unionGain) continue
      const text = [a, b].map((one) => (one.parts.length > 1 ? `(${writeClause(one)})` : writeClause(one))).join(' or ')
      unions.push(describe(both, text, a.cost + b.cost, selected))
    }
  return unions
    .toSorted((a, b) => b.f1 - a.f1 || a.conditions - b.conditions || compareText(a.query, b.query))
    .slice(0, 3)
}

const writeClause = ({ parts }: Clause): string => parts.map(({ text }) => text).join(' and ')

function describe(
  { hits, count }: { hits: number; count: number },
  query: string,
  conditions: number,
  selected: number,
): Explanation {
  return {
    query,
    precision: hits / count,
    recall: hits / selected,
    f1: scoreF1(hits, count, selected),
    count,
    conditions,
  }
}
