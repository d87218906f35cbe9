import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { call, type ApiError, type Output } from '../api/client.ts'

type FieldStats = Output<'query.stats'>['fields'][number]
export type Histogram = Extract<FieldStats, { kind: 'histogram' }>
export type ValueCounts = Extract<FieldStats, { kind: 'counts' }>

/** Numbers of one field over a query. */
export interface Numbers {
  /** Samples of the query. */
  total: number
  stats: FieldStats
}

interface Shape {
  bins: number
  top: number
}

/** Fine enough to be put together again along the bins of the whole dataset. */
const fieldShape: Shape = { bins: 120, top: 20 }
const facetShape: Shape = { bins: 1, top: 1_000 }
const perCall = 8

interface Waiting {
  field: string
  signal: AbortSignal
  resolve: (numbers: Numbers) => void
  reject: (error: unknown) => void
}

/** Requests of one moment, by what they can be asked together for. */
const waiting = new Map<string, Waiting[]>()

/** Asks for one field; those asked for in the same moment go in calls of eight, and a call that nobody waits for is cancelled. */
function readNumbers(
  dataset: string,
  query: string,
  field: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<Numbers> {
  return new Promise((resolve, reject) => {
    const key = JSON.stringify([dataset, query, shape])
    const group = waiting.get(key) ?? []
    group.push({ field, signal, resolve, reject })
    if (waiting.has(key)) return
    waiting.set(key, group)
    setTimeout(() => {
      waiting.delete(key)
      const wanted = group.filter((one) => !one.signal.aborted)
      for (const one of group) if (one.signal.aborted) one.reject(one.signal.reason)
      for (let i = 0; i < wanted.length; i += perCall) void send(dataset, query, shape, wanted.slice(i, i + perCall))
    }, 0)
  })
}

async function send(dataset: string, query: string, shape: Shape, wanted: readonly Waiting[]): Promise<void> {
  const stop = new AbortController()
  const leave = (): void => {
    if (wanted.every((one) => one.signal.aborted)) stop.abort()
  }
  for (const one of wanted) one.signal.addEventListener('abort', leave)
  try {
    const by = [...new Set(wanted.map(({ field }) => field))]
    const { count, fields } = await call('query.stats', { dataset, query, by, ...shape }, stop.signal)
    for (const { field, resolve } of wanted) resolve({ total: count, stats: fields[by.indexOf(field)]! })
  } catch (error) {
    for (const { reject } of wanted) reject(error)
  } finally {
    for (const one of wanted) one.signal.removeEventListener('abort', leave)
  }
}

/** Numbers of a field under a query; while new ones load, those of before. */
export function useNumbers(
  dataset: string,
  query: string,
  field: string,
  isWanted: boolean,
): UseQueryResult<Numbers, ApiError> {
  return useShaped(dataset, query, field, fieldShape, isWanted)
}

/** Samples of a query by class, tag or split. */
export function useFacet(
  dataset: string,
  query: string,
  facet: 'class' | 'tag' | 'split',
  isWanted: boolean,
): { total: number; missing: number; counts: ReadonlyMap<string, number> } | undefined {
  const { data } = useShaped(dataset, query, facet, facetShape, isWanted)
  if (data?.stats.kind !== 'counts') return undefined
  const { values, missing } = data.stats
  return { total: data.total, missing, counts: new Map(values.map(({ value, count }) => [String(value), count])) }
}

function useShaped(
  dataset: string,
  query: string,
  field: string,
  shape: Shape,
  isWanted: boolean,
): UseQueryResult<Numbers, ApiError> {
  return useQuery<Numbers, ApiError>({
    queryKey: ['query.stats', 'batch', dataset, query, field, shape.bins],
    queryFn: ({ signal }) => readNumbers(dataset, query, field, shape, signal),
    enabled: isWanted,
  })
}
