import { useEffect, useState, type RefObject } from 'react'

/** Whether something is in sight, or nearly. What is not asks for nothing. */
export function useSeen(box: RefObject<Element | null>): boolean {
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    if (box.current === null) return
    const watcher = new IntersectionObserver((entries) => setSeen(entries.at(-1)!.isIntersecting), {
      rootMargin: '60px',
    })
    watcher.observe(box.current)
    return () => watcher.disconnect()
  }, [box])
  return isSeen
}
