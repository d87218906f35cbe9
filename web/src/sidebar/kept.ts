import { useState } from 'react'

const key = 'fovea-sidebar'

function readKept(): Record<string, boolean | undefined> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? '{}')
    return typeof found === 'object' && found !== null ? (found as Record<string, boolean | undefined>) : {}
  } catch {
    // Text that something else left there, or a browser that keeps nothing.
    return {}
  }
}

/** Whether a part of the sidebar is open: as usual until the user says otherwise, which stays on the next visit. */
export function useKept(name: string, usual: boolean): [boolean, (isOpen: boolean) => void] {
  const [chosen, setChosen] = useState(() => readKept()[name])
  return [
    chosen ?? usual,
    (next) => {
      setChosen(next)
      try {
        localStorage.setItem(key, JSON.stringify({ ...readKept(), [name]: next }))
      } catch {
        // It is open for now all the same.
      }
    },
  ]
}
