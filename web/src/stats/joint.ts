import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { call, type ApiError } from '../api/client.ts'
import { addCondition, quoteText } from '../shell/view.ts'

/** What one sample has of two things. */
export interface Row {
  classes: readonly string[]
  split: string | null
}

/** How many samples have both of two things, row by row. */
export interface Joint {
  classes: readonly string[]
  splits: readonly (string | null)[]
  /** class × class, its diagonal the samples of a class; row by row. */
  together: Float64Array
  /** class × split. */
  bySplit: Float64Array
  /** Samples that were looked at, and those the query finds. */
  looked: number
  total: number
}

/** Counts classes that stand together, and classes by split, in one pass over samples. */
export function countRows(
  rows: Iterable<Row>,
  classes: readonly string[],
  splits: readonly (string | null)[],
): Pick<Joint, 'together' | 'bySplit'> {
  const classAt = new Map(classes.map((name, i) => [name, i]))
  const splitAt = new Map(splits.map((name, i) => [name, i]))
  const together = new Float64Array(classes.length ** 2)
  const bySplit = new Float64Array(classes.length * splits.length)
  for (const row of rows) {
    const found = row.classes.flatMap((name) => classAt.get(name) ?? [])
    const split = splitAt.get(row.split)
    for (const a of found) {
      if (split !== undefined) bySplit[a * splits.length + split]!++
      for (const b of found) together[a * classes.length + b]!++
    }
  }
  return { together, bySplit }
}

/** Classes that have a row and a column; the most frequent ones. */
export const mostClasses = 24
const mostSplits = 12
/** Samples that are read one by one; beyond them the server counts, a call a class. */
const readOneByOne = 5_000
/** A query with a limit cannot be narrowed, so its samples are always read. */
const readAtMost = 20_000

export function useJoint(dataset: string, query: string): UseQueryResult<Joint, ApiError> {
  return useQuery<Joint, ApiError>({
    queryKey: ['stats.joint', dataset, query],
    queryFn: ({ signal }) => fetchJoint(dataset, query, signal),
  })
}

async function fetchJoint(dataset: string, query: string, signal: AbortSignal): Promise<Joint> {
  const { count: total, fields } = await call(
    'query.stats',
    { dataset, query, by: ['class', 'split'], top: mostClasses },
    signal,
  )
  const valuesOf = (field: string): string[] =>
    fields.flatMap((one) =>
      one.field === field && one.kind === 'counts' ? one.values.map(({ value }) => String(value)) : [],
    )
  const classes = valuesOf('class').slice(0, mostClasses)
  const hasNone = (fields.find(({ field }) => field === 'split')?.missing ?? 0) > 0
  const splits: (string | null)[] = [...valuesOf('split').slice(0, mostSplits), ...(hasNone ? [null] : [])]
  if (total <= readOneByOne || /\blimit\s+\d/i.test(query)) {
    const rows = await readRows(dataset, query, signal)
    return { classes, splits, ...countRows(rows, classes, splits), looked: rows.length, total }
  }
  const together = new Float64Array(classes.length ** 2)
  const bySplit = new Float64Array(classes.length * splits.length)
  for (const [row, name] of classes.entries()) {
    const narrowed = addCondition(query, `class = ${quoteText(name)}`)
    const found = await call('query.stats', { dataset, query: narrowed, by: ['class', 'split'], top: 1_000 }, signal)
    for (const one of found.fields) {
      if (one.kind !== 'counts') continue
      const put = (value: string | null, count: number): void => {
        if (one.field === 'class' && value !== null) {
          const column = classes.indexOf(value)
          if (column >= 0) together[row * classes.length + column] = count
        } else if (one.field === 'split') {
          const column = splits.indexOf(value)
          if (column >= 0) bySplit[row * splits.length + column] = count
        }
      }
      for (const { value, count } of one.values) put(String(value), count)
      put(null, one.missing)
    }
  }
  return { classes, splits, together, bySplit, looked: total, total }
}

async function readRows(dataset: string, query: string, signal: AbortSignal): Promise<Row[]> {
  const rows: Row[] = []
  while (rows.length < readAtMost) {
    const page = await call(
      'query.run',
      { dataset, query, fields: [], limit: readOneByOne, offset: rows.length },
      signal,
    )
    rows.push(...page.rows)
    if (page.rows.length === 0 || rows.length >= page.total) break
  }
  return rows
}
