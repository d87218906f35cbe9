import { useEffect, useRef } from 'react'
import { keepQuery, readHistory } from './history.ts'

const stoodMs = 2_000

/**
 * Keeps the queries that stood for a while, and walks through them: `step(1)` answers an older one, `step(-1)` a newer one,
 * undefined at either end. Typing anything else begins anew.
 */
export function useRecall(dataset: string | null, query: string) {
  const place = useRef<{ at: number; list: string[]; typed: string } | null>(null)
  useEffect(() => {
    if (dataset === null || query === '') return
    const timer = setTimeout(() => keepQuery(dataset, query), stoodMs)
    return () => clearTimeout(timer)
  }, [dataset, query])

  const isWalking = (text: string): boolean =>
    place.current !== null && (place.current.list[place.current.at] ?? place.current.typed) === text
  const step = (text: string, by: 1 | -1): string | undefined => {
    if (dataset === null) return undefined
    if (!isWalking(text))
      place.current = { at: -1, list: readHistory(dataset).filter((one) => one !== text), typed: text }
    const now = place.current!
    const at = now.at + by
    if (at < -1 || at >= now.list.length) return undefined
    now.at = at
    return at === -1 ? now.typed : now.list[at]!
  }
  return { step, isWalking: (text: string) => isWalking(text) && place.current!.at >= 0 }
}
