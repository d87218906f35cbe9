import { useState } from 'react'

const key = 'fovea-sidebar'

function readKept(): Record<string, boolean> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? '{}')
    return typeof found === 'object' && found !== null ? (found as Record<string, boolean>) : {}
  } catch {
    // Text that something else left there, or a browser that keeps nothing.
    return {}
  }
}

/** Whether a part of the sidebar is open; it stays so on the next visit. */
export function useKept(name: string, usual: boolean): [boolean, (isOpen: boolean) => void] {
  const [isOpen, setOpen] = useState(() => readKept()[name] ?? usual)
  return [
    isOpen,
    (next) => {
      setOpen(next)
      try {
        localStorage.setItem(key, JSON.stringify({ ...readKept(), [name]: next }))
      } catch {
        // It is open for now all the same.
      }
    },
  ]
}
