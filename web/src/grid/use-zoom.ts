import { useCallback, useEffect, useRef, useState } from 'react'
import { setView } from '../shell/view.ts'

export const zoomRange = { min: 24, max: 1024 } as const
const commitMs = 200

/** Height of tiles while it changes: the address follows when it rests, since browsers limit how often it may be written. */
export function useZoom(committed: number): {
  zoomPx: number
  zoomBy: (factor: number) => void
  setZoom: (zoomPx: number) => void
} {
  const [live, setLive] = useState<number | null>(null)
  const now = useRef(committed)
  const frame = useRef(0)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    if (live === null) now.current = committed
  }, [committed, live])
  useEffect(
    () => () => {
      cancelAnimationFrame(frame.current)
      clearTimeout(timer.current)
    },
    [],
  )

  const setZoom = useCallback((zoomPx: number): void => {
    now.current = Math.min(zoomRange.max, Math.max(zoomRange.min, zoomPx))
    // A wheel tells of itself more often than the screen shows.
    if (frame.current === 0)
      frame.current = requestAnimationFrame(() => {
        frame.current = 0
        setLive(now.current)
      })
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      cancelAnimationFrame(frame.current)
      frame.current = 0
      setView({ zoom: Math.round(now.current) })
      setLive(null)
    }, commitMs)
  }, [])
  const zoomBy = useCallback((factor: number): void => setZoom(now.current * factor), [setZoom])
  return { zoomPx: live ?? committed, zoomBy, setZoom }
}
