import { z } from 'zod'
import type { Finding } from '#contract'
import { formatSampleId } from '#base'
import type { FaultyLabel, MeasuredSample } from '#catalog'
import { formatQuery, parseQuery } from '#query'
import type { Looked } from '../types.ts'

/** Findings a check shows. */
export const shownFindings = 24
/** Samples a query names one by one; a longer list is cut, and `queryNames` says so. */
export const namedSamples = 1_000

export const maxShare = (share: number): z.ZodDefault<z.ZodNumber> =>
  z.number().min(0).max(1).default(share).describe('Greatest share of what is looked at that may be found, 0 to 1')

export const layerName = z.string().min(1).default('truth').describe('Layer whose labels are looked at')

/** A number as a sentence shows it: at most four significant digits. */
export function showNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
}

/** `1 sample`, `2 samples`; classes lose their whole ending. */
export function showCount(count: number, unit: string): string {
  const one = unit.endsWith('sses') ? unit.slice(0, -2) : unit.replace(/s$/, '')
  return `${count} ${count === 1 ? one : unit}`
}

export const showShare = (share: number): string => `${Number((share * 100).toPrecision(3))} %`

/**
 * The query that finds samples of a scope that also meet a condition; null where the scope ends in a limit, which no condition can follow.
 * Worst first by `order`.
 */
export function joinQuery(scope: string, condition: string, order = ''): string | null {
  const tail = order === '' ? '' : ` order by ${order}`
  if (scope.trim() === '') return `${condition}${tail}`
  const query = parseQuery(scope)
  if (query.limit !== null) return null
  const plain = formatQuery({ ...query, order: [] })
  return plain === '' ? `${condition}${tail}` : `(${plain}) and (${condition})${tail}`
}

/**
 * The query that names samples one by one; null for none. `rows`: the samples of each thing found, worst first; those of one are named
 * together or not at all. `found`: how many there are, where rows are the worst of them.
 */
export function nameSamples(rows: readonly (readonly number[])[], found: number): Pick<Looked, 'query' | 'queryNames'> {
  const ids = new Set<number>()
  let named = 0
  for (const row of rows) {
    if (ids.size + row.filter((id) => !ids.has(id)).length > namedSamples) break
    for (const id of row) ids.add(id)
    named++
  }
  if (ids.size === 0) return { query: null }
  const query = `id in (${Array.from(ids, (id) => `"${formatSampleId(id)}"`).join(', ')})`
  return named < found ? { query, queryNames: { named, of: found } } : { query }
}

export function findSample({ id, path, value }: MeasuredSample, what: string): Finding {
  return { sample: formatSampleId(id), path, label: null, other: null, score: value, what }
}

export function findLabel({ id, sample, path, value }: FaultyLabel, what: string): Finding {
  return { sample: formatSampleId(sample), path, label: `l_${id}`, other: null, score: value, what }
}

export function findPair(
  pair: { id: number; path: string; otherId: number; otherPath: string },
  score: number | null,
  what: string,
): Finding {
  const other = { sample: formatSampleId(pair.otherId), path: pair.otherPath }
  return { sample: formatSampleId(pair.id), path: pair.path, label: null, other, score, what }
}

/** Something about the dataset as a whole, such as a class or a field. */
export function findWhole(what: string, score: number | null): Finding {
  return { sample: null, path: null, label: null, other: null, score, what }
}

/** Nothing was looked at: the suite calls that `empty`. */
export function sawNothing(unit: string, message: string, hint?: string): Looked {
  return {
    unit,
    looked: 0,
    found: 0,
    value: null,
    bound: null,
    broken: false,
    message,
    query: null,
    findings: [],
    hint,
  }
}

/** A share of what was looked at, held against the greatest allowed. */
export function judgeShare(
  seen: Pick<Looked, 'unit' | 'looked' | 'found' | 'query' | 'queryNames' | 'findings' | 'plot' | 'hint' | 'chose'> & {
    allowed: number
    /** Continues "n of m samples …". */
    are: string
    nothing: string
  },
): Looked {
  const { allowed, are, nothing, ...rest } = seen
  if (seen.looked === 0) return sawNothing(seen.unit, nothing)
  const share = seen.found / seen.looked
  return {
    ...rest,
    value: share,
    bound: `≤ ${allowed}`,
    broken: share > allowed,
    message: `${seen.found === 0 ? 'None' : seen.found} of ${showCount(seen.looked, seen.unit)} ${are}${
      seen.found > 0 ? ` (${showShare(share)}; up to ${showShare(allowed)} may)` : ''
    }.`,
    query: seen.found === 0 ? null : seen.query,
    hint: seen.found === 0 ? undefined : seen.hint,
  }
}

/** One figure held against a greatest allowed. */
export function judgeFigure(
  seen: Pick<Looked, 'unit' | 'looked' | 'found' | 'query' | 'queryNames' | 'findings' | 'plot' | 'message'> & {
    value: number
    allowed: number
    hint?: string | undefined
  },
): Looked {
  const { allowed, hint, ...rest } = seen
  const broken = seen.value > allowed
  return { ...rest, bound: `≤ ${allowed}`, broken, hint: broken ? hint : undefined }
}
