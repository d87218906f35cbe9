import { useCallback, useEffect, useRef, useState } from 'react'
import { getView, setView } from '../shell/view.ts'

export interface DraftOfQuery {
  text: string
  /** What is typed, as typing goes on. */
  type(text: string): void
  /** Makes a text the page's query; typing that goes on with the last one replaces its step in the browser's history. */
  apply(text: string, how: 'typing' | 'done'): void
  /** Whether what stands in the bar is not what the page shows. */
  isOwn: boolean
}

/** The text of the bar: it follows the page's query, but for while somebody types something else. */
export function useDraft(query: string, isFocused: () => boolean): DraftOfQuery {
  const [text, setText] = useState(query)
  const seen = useRef(query)
  // Whether the page's query came from typing that may go on.
  const typed = useRef<string | null>(null)
  const isOwn = text.trim() !== query.trim()

  useEffect(() => {
    if (seen.current === query) return
    const wasFollowed = text.trim() === seen.current.trim()
    seen.current = query
    if (text.trim() === query.trim()) return
    if (wasFollowed || !isFocused()) setText(query)
  }, [query, text, isFocused])

  const apply = useCallback((made: string, how: 'typing' | 'done') => {
    const next = made.trim()
    const now = getView().query
    if (next !== now) setView({ query: next }, { replace: typed.current !== null && typed.current === now })
    typed.current = how === 'typing' ? next : null
  }, [])
  return { text, type: setText, apply, isOwn }
}
