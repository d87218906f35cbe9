import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { call, fetchField, type ApiError, type FieldColumn, type Frame } from '../api/client.ts'
import { useCall } from '../shell/data.ts'
import type { View } from '../shell/view.ts'
import { groupItems } from './groups.ts'
import { makeObjectItem, type Items, type ObjectItem } from './items.ts'

const pageSamples = 1_000
const mostObjects = 5_000
/** Of a query with hardly any labels no more samples than these are looked at. */
const mostSamples = 50_000

interface Objects {
  items: Items
  /** How many samples of the query were looked at; fewer than it has when there were enough labels. */
  samples: number
}

export interface GridItems {
  items: Items | null
  /** What the user should know about what is shown. */
  note: string | null
  error: ApiError | null
}

/** What the grid shows of a query's samples: themselves or their labels, parted or not. */
export function useItems(view: View, frame: Frame | undefined): GridItems {
  const isObjects = view.tiles === 'objects'
  const objects = useObjects(isObjects ? view : null, frame)
  const column = useColumn(view)
  const fields = useCall('field.list', { dataset: view.dataset ?? undefined }, { enabled: view.group !== null })
  const isTime = fields.data?.fields.find(({ name }) => name === view.group)?.type === 'datetime'

  const flat = useMemo<Items | null>(() => {
    if (isObjects) return objects.data?.items ?? null
    return frame === undefined ? null : { ...frame, groups: null, objects: null }
  }, [isObjects, objects.data, frame])
  const values = column.data
  const items = useMemo(() => {
    if (view.group === null || flat === null) return flat
    return values === undefined ? null : groupItems(flat, values, isTime)
  }, [flat, values, isTime, view.group])

  // A field that cannot part the samples must not hide them.
  if (view.group !== null && column.error !== null)
    return { items: flat, note: `Not grouped: ${column.error.message}`, error: null }
  return { items, note: isObjects ? noteObjects(objects.data, frame) : null, error: isObjects ? objects.error : null }
}

function noteObjects(objects: Objects | undefined, frame: Frame | undefined): string | null {
  if (objects === undefined || frame === undefined || objects.samples >= frame.ids.length) return null
  const count = objects.items.ids.length.toLocaleString('en')
  return `The first ${count} objects, those of ${objects.samples.toLocaleString('en')} samples. Narrow the query to see others.`
}

function useColumn({ dataset, group }: View) {
  return useQuery<FieldColumn, ApiError>({
    queryKey: ['field', dataset, group],
    queryFn: ({ signal }) => fetchField(dataset!, group!, signal),
    enabled: dataset !== null && group !== null,
    gcTime: 60_000,
    // Values of another field would part the samples by the wrong thing.
    placeholderData: (old, query) => (query?.queryKey[1] === dataset && query?.queryKey[2] === group ? old : undefined),
  })
}

function useObjects(view: View | null, frame: Frame | undefined) {
  const shown = view?.layers?.toSorted().join('\n') ?? null
  return useQuery<Objects, ApiError>({
    queryKey: ['objects', view?.dataset, view?.query, shown, frame?.ids.length],
    queryFn: ({ signal }) => collectObjects(view!.dataset!, frame!, view!.layers, signal),
    enabled: view !== null && view.dataset !== null && frame !== undefined,
    gcTime: 60_000,
  })
}

async function collectObjects(
  dataset: string,
  frame: Frame,
  layers: readonly string[] | null,
  signal: AbortSignal,
): Promise<Objects> {
  const ids: number[] = []
  const objects: ObjectItem[] = []
  const end = Math.min(frame.ids.length, mostSamples)
  let at = 0
  while (at < end && objects.length < mostObjects) {
    const page = frame.ids.subarray(at, at + pageSamples)
    const { samples } = await call('sample.labels', { dataset, samples: Array.from(page, (id) => `s_${id}`) }, signal)
    const found = new Map(samples.map((sample) => [Number(sample.sample.slice(2)), sample]))
    for (const id of page) {
      if (objects.length >= mostObjects) break
      at++
      const sample = found.get(id)
      for (const { layer, labels } of sample?.layers ?? []) {
        if (layers !== null && !layers.includes(layer)) continue
        for (const label of labels) {
          const made = makeObjectItem(layer, label, sample!.width, sample!.height)
          if (made === null) continue
          objects.push(made)
          ids.push(id)
        }
      }
    }
  }
  const aspects = Float32Array.from(objects, ({ crop }) => crop.w / crop.h)
  return { items: { ids: Int32Array.from(ids), aspects, groups: null, objects }, samples: at }
}
