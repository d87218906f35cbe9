import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { fetchField, type ApiError, type FieldColumn, type Output } from '../api/client.ts'
import { edgeAxis, fieldRange, fieldValue, findEdges, nameAxis, type Axis } from './axis.ts'
import { showNumber } from './scene.ts'

export type FieldInfo = Output<'field.list'>['fields'][number]

/** One value of every sample of a dataset. */
export function useColumn(dataset: string, field: string | null): UseQueryResult<FieldColumn, ApiError> {
  return useQuery<FieldColumn, ApiError>({
    queryKey: ['field', dataset, field],
    queryFn: ({ signal }) => fetchField(dataset, field!, signal),
    enabled: field !== null,
    gcTime: 60_000,
  })
}

/** Values of those samples alone; columns are in order of id, the samples in any. */
export function restrict({ ids, values }: Pick<FieldColumn, 'ids' | 'values'>, samples: Int32Array): Float32Array {
  const wanted = isAscending(samples) ? samples : Int32Array.from(samples).sort()
  const out = new Float32Array(wanted.length).fill(Number.NaN)
  let at = 0
  for (let i = 0; i < wanted.length; i++) {
    while (at < ids.length && ids[at]! < wanted[i]!) at++
    if (ids[at] === wanted[i]) out[i] = values[at]!
  }
  return out
}

function isAscending(ids: Int32Array): boolean {
  for (let i = 1; i < ids.length; i++) if (ids[i]! < ids[i - 1]!) return false
  return true
}

/** Names that have a part of their own; the rest share one. */
const mostNames = 20
const parts = 24

/** The axis of a field over values. */
export function axisOfField(field: FieldInfo, names: readonly string[] | null, values: Float32Array): Axis {
  const title = field.unit === null ? field.name : `${field.name} (${field.unit})`
  if (names !== null) {
    const isText = field.type === 'string'
    const shown = names.slice(0, mostNames)
    const axis = nameAxis(field.name, shown, fieldValue(field.name, isText))
    if (names.length <= mostNames) return axis
    return {
      ...axis,
      nameOf: (part) => (part < mostNames ? shown[part]! : '(others)'),
      conditionOf: (part) => (part < mostNames ? axis.conditionOf(part) : null),
    }
  }
  if (field.type === 'datetime') {
    const edges = findEdges(values, parts, true)
    const write = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
    const show = (seconds: number): string => write(seconds).slice(0, 16).replace('T', ' ')
    return edgeAxis(field.name, edges, fieldRange(field.name, write), show)
  }
  return edgeAxis(title, findEdges(values, parts, field.type === 'integer'), fieldRange(field.name), showNumber)
}
