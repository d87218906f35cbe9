import { useEffect, useRef, type ReactNode } from 'react'

interface DialogProps {
  label: string
  onClose: () => void
  className?: string
  children: ReactNode
}

/** A window over the page. The browser keeps the focus in it, closes it on Escape and gives the focus back. */
export function Dialog({ label, onClose, className = 'actions-dialog', children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current
    if (element?.open === false) element.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-label={label}
      // An input of files tells of its own cancelling by the same event.
      onCancel={(event) => {
        if (event.target !== dialog.current) return
        event.preventDefault()
        onClose()
      }}
      // The commands of the page below rest meanwhile.
      onKeyDown={(event) => event.stopPropagation()}
    >
      {children}
    </dialog>
  )
}
