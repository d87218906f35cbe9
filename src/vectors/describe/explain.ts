import { setImmediate } from 'node:timers/promises'
import { FoveaError, throwIfAborted } from '#base'
import type { LongWork } from '../types.ts'
import { tallyBoth } from './bits.ts'
import { prepareColumn, type Candidate, type Condition, type ExplainColumn } from './conditions.ts'
import { createGoal, narrowGoal, scoreF1, type Goal } from './goal.ts'
import { improveDescription, scoreDescription, type Description } from './improve.ts'
import { compareText, searchClauses, type Clause } from './search.ts'

export interface ExplainRequest {
  columns: readonly ExplainColumn[]
  /** 1 for the rows of the selection. */
  inside: Uint8Array
  /** Tests joined by `and`, at most. 3 when absent. */
  maxConditions?: number
  /** Conjunctions joined by `or`, at most. 2 when absent. */
  maxClauses?: 1 | 2
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

const wideSearch = { width: 24, tests: 160 }
const secondSearch = { width: 10, tests: 60 }
/** What `or` must be worth in F1. */
const unionGain = 0.05
/** Clauses that are improved, first clauses that a second one is sought for, and seconds that are tried with each. */
const improved = 12
const firsts = 3
const seconds = 3
/** Least precision of a first clause, and least score of a further answer as a share of the best. */
const firstPrecision = 0.5
const furtherScore = 0.5

/**
 * Short queries that describe a selection, the best first: conjunctions of tests of fields, classes and tags by beam search (see
 * `searchClauses`), then unions with a second conjunction for the rows that the first one leaves (sequential covering, as CN2
 * does) where they make F1 better by 0.05; bounds are fitted again at the end. Scored by F1 less 0.01 a test, so of two that describe
 * it alike the shorter comes first; of those about the same columns only the best is told. Precision, recall and count are exact for
 * the query as written. Empty when nothing is better than taking all. Throws INPUT_INVALID for an empty selection and
 * columns of other lengths, CANCELLED on abort.
 */
export async function explainSelection(request: ExplainRequest, work: LongWork = {}): Promise<Explanation[]> {
  const { columns, inside, maxConditions = 3, maxClauses = 2, limit = 5 } = request
  for (const column of columns)
    if (column.kind !== 'flags' && column.values.length !== inside.length)
      throw new FoveaError(
        'INPUT_INVALID',
        `Expected ${inside.length} values of ${column.name}, got ${column.values.length}.`,
      )
  const goal = createGoal(inside)
  if (goal.selected === 0)
    throw new FoveaError('INPUT_INVALID', 'The selection is empty, so there is nothing to explain.', {
      hint: 'Give a query that matches something.',
    })
  const lists: ((goal: Goal) => Candidate[])[] = []
  for (const [done, column] of columns.entries()) {
    await takeTurn(work)
    lists.push(prepareColumn(column))
    work.progress?.report({ stage: 'columns', done: done + 1, total: columns.length, unit: 'columns' })
  }
  const candidates = await listAll(lists, goal, work)
  const found = await searchClauses(goal, candidates, { ...wideSearch, maxConditions }, work.signal)
  const singles: Description[] = []
  for (const { parts } of distinctColumns(found).slice(0, improved)) {
    await takeTurn(work)
    singles.push(improveDescription(goal, [parts]))
  }
  const best = Math.max(0, ...singles.map(({ f1 }) => f1))
  const unions =
    maxClauses === 2 && best + unionGain <= 1 ? await findUnions(goal, found, lists, maxConditions, best, work) : []
  const least = Math.max(
    scoreF1(goal, { count: goal.rows, hits: goal.selected }),
    furtherScore * Math.max(0, ...[...singles, ...unions].map(scoreDescription)),
  )
  return chooseAnswers([...singles, ...unions], limit, least).map((description) => tell(goal, description))
}

async function takeTurn({ signal }: LongWork): Promise<void> {
  await setImmediate()
  throwIfAborted(signal)
}

async function listAll(
  lists: readonly ((goal: Goal) => Candidate[])[],
  goal: Goal,
  work: LongWork,
): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  for (const list of lists) {
    await takeTurn(work)
    candidates.push(...list(goal).filter(({ count }) => count < goal.rows - goal.covered.count))
  }
  return candidates
}

/** Takes precise clauses one by one, seeks second clauses for what each leaves, and improves both together. */
async function findUnions(
  goal: Goal,
  found: readonly Clause[],
  lists: readonly ((goal: Goal) => Candidate[])[],
  maxConditions: number,
  best: number,
  work: LongWork,
): Promise<Description[]> {
  const precise = found.filter(({ hits, count }) => hits >= firstPrecision * count)
  const unions: Description[] = []
  for (const first of distinctColumns(precise).slice(0, firsts)) {
    await takeTurn(work)
    const rest = goal.domain.map((word, w) => word & ~first.bits[w]!)
    const residual = narrowGoal(goal, rest, tallyBoth(first.bits, goal.domain, goal.inside))
    const candidates = await listAll(lists, residual, work)
    const others = await searchClauses(residual, candidates, { ...secondSearch, maxConditions }, work.signal)
    for (const second of distinctColumns(others).slice(0, seconds)) {
      const union = improveDescription(goal, [first.parts, second.parts])
      if (union.f1 >= best + unionGain) unions.push(union)
      await takeTurn(work)
    }
  }
  return unions
}

/** The best of those about the same columns; the best come first. */
function distinctColumns(clauses: readonly Clause[]): Clause[] {
  const kept = new Map<string, Clause>()
  for (const clause of clauses) {
    const key = columnsOf(clause.parts)
    if (!kept.has(key)) kept.set(key, clause)
  }
  return [...kept.values()]
}

const columnsOf = (parts: readonly Condition[]): string =>
  [...new Set(parts.map(({ column }) => column))].sort(compareText).join('\n')

/** The best first, without what scores less than `least`, and what only adds columns to a better answer. */
function chooseAnswers(descriptions: readonly Description[], limit: number, least: number): Description[] {
  const ranked = descriptions.toSorted(
    (a, b) => scoreDescription(b) - scoreDescription(a) || compareText(writeQuery(a), writeQuery(b)),
  )
  const chosen: { description: Description; columns: Set<string> }[] = []
  for (const description of ranked) {
    if (chosen.length >= limit || scoreDescription(description) <= least) break
    const columns = new Set(description.clauses.flat().map(({ column }) => column))
    if (!chosen.some((better) => [...better.columns].every((column) => columns.has(column))))
      chosen.push({ description, columns })
  }
  return chosen.map(({ description }) => description)
}

const writeQuery = ({ clauses }: Description): string =>
  clauses
    .map((parts) => parts.map(({ text }) => text).join(' and '))
    .map((text) => (clauses.length > 1 && text.includes(' and ') ? `(${text})` : text))
    .join(' or ')

function tell(goal: Goal, description: Description): Explanation {
  const { hits, count, f1, cost } = description
  return {
    query: writeQuery(description),
    precision: hits / count,
    recall: hits / goal.selected,
    f1,
    count,
    conditions: cost,
  }
}
