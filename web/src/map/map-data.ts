import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import {
  call,
  fetchField,
  fetchPoints,
  type ApiError,
  type FieldColumn,
  type MapPoints,
  type Output,
} from '../api/client.ts'

export type Space = Output<'spaces.list'>['spaces'][number]

/** The space that is meant when none is named: that of the view, else the first of samples that sees, as the server chooses. */
export function chooseSpace(spaces: readonly Space[], wanted: string | null): Space | undefined {
  const samples = spaces.filter(({ of }) => of === 'samples')
  return (
    spaces.find(({ name }) => name === wanted) ??
    samples.find(({ model }) => model === 'efficientnet-lite0') ??
    samples.find(({ maps }) => maps.length > 0) ??
    samples[0] ??
    spaces[0]
  )
}

/** Points of a map with the number of the sample each stands for; in a space of labels a sample has several. */
export function usePoints(
  dataset: string,
  space: Space | undefined,
  method: string | undefined,
): UseQueryResult<MapPoints, ApiError> {
  return useQuery<MapPoints, ApiError>({
    queryKey: ['points', dataset, space?.name, space?.of, method],
    queryFn: ({ signal }) =>
      space!.of === 'samples'
        ? fetchPoints(dataset, space!.name, method, signal)
        : readLabelPoints(dataset, space!.name, method, signal),
    enabled: space !== undefined && space.maps.length > 0,
    gcTime: 60_000,
  })
}

async function readLabelPoints(
  dataset: string,
  space: string,
  method: string | undefined,
  signal: AbortSignal,
): Promise<MapPoints> {
  const chosen = (['umap', 'tsne', 'pca'] as const).find((one) => one === method)
  const given = { dataset, space, ...(chosen === undefined ? {} : { method: chosen }) }
  const { points, ...made } = await call('spaces.points', given, signal)
  const ids = Int32Array.from(points, ({ sample }) => Number(sample.slice(2)))
  const places = new Float32Array(points.length * 2)
  points.forEach(({ x, y }, i) => places.set([x, y], i * 2))
  return { space: made.space, method: made.method, ids, places }
}

/** One value of every sample of a dataset. */
export function useColumn(dataset: string, field: string | null): UseQueryResult<FieldColumn, ApiError> {
  return useQuery<FieldColumn, ApiError>({
    queryKey: ['field', dataset, field],
    queryFn: ({ signal }) => fetchField(dataset, field!, signal),
    enabled: field !== null,
    gcTime: 60_000,
  })
}
