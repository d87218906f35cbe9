import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { call, type ApiError } from '../api/client.ts'

/** Boxes of labels, as shares of their pictures; one place an array each. */
export interface Boxes {
  /** Number of the sample. */
  samples: Int32Array
  /** Number of the class in `classes`. */
  classAt: Int32Array
  x: Float32Array
  y: Float32Array
  width: Float32Array
  height: Float32Array
  classes: readonly string[]
  lookedSamples: number
  lookedLabels: number
  total: number
}

const mostLabels = 20_000
const mostSamples = 10_000
const perCall = 400

/** Samples spread over all of them, in parts that are each spread over all of them too. */
export function spreadIds(ids: Int32Array, most: number, perPart: number): Int32Array[] {
  const wanted = Math.min(most, ids.length)
  const parts = Math.ceil(wanted / perPart)
  return Array.from({ length: parts }, (_part, part) => {
    const size = Math.floor((wanted - part - 1) / parts) + 1
    return Int32Array.from({ length: size }, (_, i) => ids[Math.floor(((i * parts + part) * ids.length) / wanted)]!)
  })
}

export function useBoxes(dataset: string, query: string, ids: Int32Array | undefined): UseQueryResult<Boxes, ApiError> {
  return useQuery<Boxes, ApiError>({
    queryKey: ['stats.boxes', dataset, query],
    queryFn: ({ signal }) => fetchBoxes(dataset, ids!, signal),
    enabled: ids !== undefined,
  })
}

async function fetchBoxes(dataset: string, ids: Int32Array, signal: AbortSignal): Promise<Boxes> {
  const classes = new Map<string, number>()
  const rows: number[][] = []
  let [lookedSamples, lookedLabels] = [0, 0]
  for (const part of spreadIds(ids, mostSamples, perCall)) {
    if (lookedLabels >= mostLabels) break
    const found = await call(
      'sample.labels',
      { dataset, samples: Array.from(part, (id) => `s_${id}`), layer: 'truth' },
      signal,
    )
    lookedSamples += part.length
    for (const { sample, width, height, layers } of found.samples)
      for (const { labels } of layers)
        for (const { box, class: name } of labels) {
          lookedLabels++
          if (box === null || width <= 0 || height <= 0) continue
          if (!classes.has(name)) classes.set(name, classes.size)
          rows.push([
            Number(sample.slice(2)),
            classes.get(name)!,
            box.x / width,
            box.y / height,
            box.w / width,
            box.h / height,
          ])
        }
  }
  const column = (i: number): Float32Array => Float32Array.from(rows, (row) => row[i]!)
  return {
    samples: Int32Array.from(rows, (row) => row[0]!),
    classAt: Int32Array.from(rows, (row) => row[1]!),
    x: column(2),
    y: column(3),
    width: column(4),
    height: column(5),
    classes: [...classes.keys()],
    lookedSamples,
    lookedLabels,
    total: ids.length,
  }
}
