import { useEffect, useRef, type RefObject } from 'react'
import type { Command } from '../shell/keys.ts'

const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]'

/**
 * Makes an element a modal dialog for the keyboard: it takes the focus and gives it back, Tab goes round in it, and its commands go
 * before those of the page below. Escape in a field of text leaves the field.
 */
export function useDialog(commands: readonly Command[]): {
  ref: RefObject<HTMLDivElement | null>
  onKeyDown: (event: React.KeyboardEvent) => void
} {
  const ref = useRef<HTMLDivElement>(null)
  const latest = useRef(commands)
  useEffect(() => {
    latest.current = commands
  }, [commands])

  // What had the focus may have gone from the dialog, as a button that did what it was for.
  useEffect(() => {
    if (document.activeElement === document.body) ref.current!.focus({ preventScroll: true })
  })

  useEffect(() => {
    const before = document.activeElement
    const dialog = ref.current!
    dialog.focus({ preventScroll: true })
    return () => {
      // Not when something else, as the palette, has taken it meanwhile.
      const now = document.activeElement
      if (now !== null && now !== document.body && !dialog.contains(now)) return
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])

  useEffect(() => {
    // Before everybody else, since a button that vanished may have left the focus to the page.
    const onKey = (event: KeyboardEvent): void => {
      const dialog = ref.current
      const target = event.target as HTMLElement
      const isLost = target === document.body
      if (dialog === null || !(isLost || dialog.contains(target)) || event.isComposing) return
      if (isLost) dialog.focus({ preventScroll: true })
      if (event.key === 'Tab') return keepInside(dialog, event)
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (isText(target)) {
        if (event.key !== 'Escape') return
        target.blur()
        dialog.focus({ preventScroll: true })
        return take(event)
      }
      const isChoosing = /^(INPUT|SELECT)$/.test(target.tagName)
      if (isChoosing && /^(Arrow|Home|End|Page)/.test(event.key)) return
      if (target.tagName === 'SELECT' && event.key.length === 1) return
      // Plus stands over the equals sign on many keyboards.
      const key = event.key === '=' ? '+' : event.key.toLowerCase()
      const command = latest.current.find(({ keys }) => keys === key)
      if (command !== undefined) {
        take(event)
        command.run()
      } else if (isLost) event.stopPropagation()
    }
    addEventListener('keydown', onKey, true)
    return () => removeEventListener('keydown', onKey, true)
  }, [])

  return {
    ref,
    // Plain keys end here: those of the page below would work on what is hidden. So does choosing everything.
    onKeyDown: (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() === 'a') event.stopPropagation()
    },
  }
}

function isText(target: HTMLElement): boolean {
  return (
    target.tagName === 'TEXTAREA' ||
    (target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type))
  )
}

function take(event: KeyboardEvent): void {
  event.preventDefault()
  event.stopPropagation()
}

function keepInside(dialog: HTMLElement, event: KeyboardEvent): void {
  const all = [...dialog.querySelectorAll<HTMLElement>(focusable)].filter((element) => element.offsetParent !== null)
  const [first, last] = [all[0], all.at(-1)]
  if (first === undefined || last === undefined) return
  const now = document.activeElement
  const isOut = now === null || !dialog.contains(now) || now === dialog
  if (event.shiftKey ? isOut || now === first : isOut || now === last) {
    take(event)
    ;(event.shiftKey ? last : first).focus()
  }
}
