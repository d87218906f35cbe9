import { useEffect, useMemo, useRef } from 'react'
import { call, type Frame, type Output } from '../api/client.ts'
import { queryClient, useCall, useFrame } from '../shell/data.ts'
import { setView } from '../shell/view.ts'
import { choosePrefetch, findPlace } from './order.ts'
import { pictureKey, preparePicture, wantPictures } from './pictures.ts'
import { judgeFile, type FileFacts } from './showable.ts'

export type Shown = Output<'sample.show'>

/** The id as the operations write it. */
export const writeId = (id: number): string => `s_${id}`
/** The query that finds one sample. */
export const onlyThis = (id: number): string => `id = "${writeId(id)}"`

/** What is known of the file of a sample. */
export function factsOf({ sample }: Shown): FileFacts & { md5: string } {
  const { fields } = sample
  const number = (name: string): number | null => (typeof fields[name] === 'number' ? fields[name] : null)
  return {
    format: typeof fields['format'] === 'string' ? fields['format'] : null,
    width: sample.width,
    height: sample.height,
    depth: number('depth'),
    frames: number('frames'),
    md5: String(fields['md5'] ?? ''),
  }
}

/** What names the picture of a sample; null when the thumbnail stands for it. */
export function keyOf(id: number, shown: Shown): string | null {
  const facts = factsOf(shown)
  return judgeFile(facts).whole ? pictureKey(id, facts.md5) : null
}

/** The sample itself; while another one loads, nothing rather than the one before. */
export function useShown(id: number): {
  shown: Shown | null
  error: ReturnType<typeof useCall<'sample.show'>>['error']
} {
  const { data, error } = useCall('sample.show', { sample: writeId(id) })
  return { shown: data !== undefined && data.sample.id === writeId(id) ? data : null, error }
}

export interface Travel {
  /** Place among the samples of the page's query, 0-based; -1 when it is not one of them. */
  at: number
  total: number
  go: (step: 1 | -1) => void
  goTo: (place: number) => void
  /** Whether there is one before and behind. */
  canGo: { back: boolean; on: boolean }
}

/** The way along the samples of the page's query, and their pictures made ready ahead. */
export function useTravel(dataset: string | null, query: string, id: number, isSettled: boolean): Travel {
  const { data: frame } = useFrame(dataset, query)
  const near = useRef(0)
  const direction = useRef<1 | -1>(1)
  const at = useMemo(() => (frame === undefined ? -1 : findPlace(frame.ids, id, near.current)), [frame, id])
  // A sample that has left the query keeps its neighbours, so one can go on from it.
  if (at >= 0) near.current = at
  usePrefetch(frame, at, direction.current, id, isSettled)

  return useMemo(() => {
    const total = frame?.ids.length ?? 0
    const goTo = (place: number): void => {
      const next = frame?.ids[place]
      if (next === undefined) return
      if (at >= 0 && place !== at) direction.current = place > at ? 1 : -1
      setView({ sample: next }, { replace: true })
    }
    const placeOf = (step: 1 | -1): number => (at >= 0 ? at + step : step === 1 ? near.current : near.current - 1)
    const has = (place: number): boolean => place >= 0 && place < total
    return {
      at,
      total,
      goTo,
      go: (step) => goTo(placeOf(step)),
      canGo: { back: has(placeOf(-1)), on: has(placeOf(1)) },
    }
  }, [frame, at])
}

function usePrefetch(frame: Frame | undefined, at: number, direction: 1 | -1, id: number, isSettled: boolean): void {
  useEffect(() => {
    const ids = frame === undefined ? [] : choosePrefetch(frame.ids, at, direction)
    const known = (other: number): Shown | undefined =>
      queryClient.getQueryData(['sample.show', { sample: writeId(other) }])
    const wantedOf = (other: number): { id: number; key: string | null } => {
      const shown = known(other)
      return { id: other, key: shown === undefined ? null : keyOf(other, shown) }
    }
    wantPictures([id, ...ids].map(wantedOf))
    // The open picture comes first; the others wait until it is there.
    if (!isSettled) return
    let isGone = false
    const prepare = async (): Promise<void> => {
      for (const other of ids) {
        const shown = await queryClient.query({
          queryKey: ['sample.show', { sample: writeId(other) }],
          queryFn: ({ signal }) => call('sample.show', { sample: writeId(other) }, signal),
        })
        if (isGone) return
        wantPictures([id, ...ids].map(wantedOf))
        await preparePicture(other, keyOf(other, shown))
        if (isGone) return
      }
    }
    // What cannot be made ready is told when it is opened.
    prepare().catch(() => {})
    return () => {
      isGone = true
    }
  }, [frame, at, direction, id, isSettled])
}
