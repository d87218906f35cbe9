import { useEffect, useState } from 'react'
import { tellFailure } from '../shell/changes.ts'
import { listDropped } from './chosen.ts'
import { importDropped } from './import-state.ts'

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

/** Takes files and folders that are dropped anywhere onto the page. */
export function DropTarget() {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event) || event.dataTransfer === null) return
      event.preventDefault()
      setOver(false)
      listDropped(event.dataTransfer)
        .then((files) => importDropped(files))
        .catch(() =>
          tellFailure({
            code: 'SOURCE_UNREADABLE',
            message: 'The browser could not read what was dropped.',
            hint: 'Import it by its path on the server’s machine.',
          }),
        )
    }
    addEventListener('dragover', onOver)
    addEventListener('dragleave', onLeave)
    addEventListener('drop', onDrop)
    return () => {
      removeEventListener('dragover', onOver)
      removeEventListener('dragleave', onLeave)
      removeEventListener('drop', onDrop)
    }
  }, [])
  return isOver ? <div className="actions-drop">Drop to import</div> : null
}
