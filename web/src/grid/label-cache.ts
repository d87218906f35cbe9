import { call } from '../api/client.ts'
import type { LabelLayer } from '../labels/draw.ts'

export interface SampleLabels {
  /** Size of the picture, px. */
  width: number
  height: number
  layers: readonly LabelLayer[]
}

interface Kept {
  labels: SampleLabels | null
  epoch: number
}

export interface LabelCache {
  /** Null while they are not there, or the sample is gone. */
  get(id: number): SampleLabels | null
  /** Asks for what is not there or is old. What was asked before and has not been sent is forgotten. */
  want(ids: readonly number[]): void
  /** What is there is shown on, and asked for anew. */
  expire(): void
  close(): void
}

const batch = 200
const mostKept = 2_000
const mostInFlight = 2

/** Labels of the samples shown last. `onArrive` is told the samples whose labels came. */
export function createLabelCache(dataset: string, onArrive: (ids: readonly number[]) => void): LabelCache {
  const kept = new Map<number, Kept>()
  const asked = new Set<number>()
  const stop = new AbortController()
  let wanted: number[] = []
  let inFlight = 0
  let epoch = 0

  const keep = (id: number, labels: SampleLabels | null, from: number): void => {
    kept.delete(id)
    kept.set(id, { labels, epoch: from })
    // The oldest come first in a map.
    for (const old of kept.keys()) {
      if (kept.size <= mostKept) break
      kept.delete(old)
    }
  }

  const load = async (ids: number[]): Promise<void> => {
    const from = epoch
    inFlight++
    for (const id of ids) asked.add(id)
    try {
      const { samples } = await call('sample.labels', { dataset, samples: ids.map((id) => `s_${id}`) }, stop.signal)
      const found = new Map(samples.map((sample) => [Number(sample.sample.slice(2)), sample]))
      for (const id of ids) keep(id, found.get(id) ?? null, from)
    } catch {
      // The pictures stand without labels; the next change or the next visit asks again.
      for (const id of ids) if (!kept.has(id)) keep(id, null, from)
    } finally {
      inFlight--
      for (const id of ids) asked.delete(id)
    }
    if (stop.signal.aborted) return
    onArrive(ids)
    send()
  }

  const send = (): void => {
    while (inFlight < mostInFlight && wanted.length > 0) {
      const ids = wanted.splice(0, batch).filter((id) => !asked.has(id))
      if (ids.length > 0) void load(ids)
    }
  }

  return {
    get: (id) => kept.get(id)?.labels ?? null,
    want(ids) {
      wanted = [...new Set(ids)].filter((id) => kept.get(id)?.epoch !== epoch && !asked.has(id))
      send()
    },
    expire() {
      epoch++
    },
    close: () => stop.abort(),
  }
}
