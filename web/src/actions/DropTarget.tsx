import { useEffect, useState } from 'react'
import { listDropped } from './chosen.ts'
import { importDropped } from './import-state.ts'

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

/** Browsers tell of a drag every 350 ms at least (HTML standard, drag-and-drop processing model). */
const silentMs = 3_000

/** Takes files and folders that are dropped anywhere onto the page. */
export function DropTarget() {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    // A drag tells of itself all the while; when it is silent it has ended where nobody saw it.
    let silence: ReturnType<typeof setTimeout> | undefined
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
      clearTimeout(silence)
      silence = setTimeout(() => setOver(false), silentMs)
    }
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event) || event.dataTransfer === null) return
      event.preventDefault()
      setOver(false)
      importDropped(listDropped(event.dataTransfer))
    }
    addEventListener('dragover', onOver)
    addEventListener('dragleave', onLeave)
    addEventListener('drop', onDrop)
    return () => {
      clearTimeout(silence)
      removeEventListener('dragover', onOver)
      removeEventListener('dragleave', onLeave)
      removeEventListener('drop', onDrop)
    }
  }, [])
  if (!isOver) return null
  return (
    // As a popover it stands above an open dialog, too.
    <div
      className="actions-drop"
      popover="manual"
      ref={(element) => {
        if (element?.matches(':popover-open') === false) element.showPopover()
      }}
    >
      Drop to import
    </div>
  )
}
