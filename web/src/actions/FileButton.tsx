import { useRef } from 'react'
import { listFiles } from './chosen.ts'
import type { Dropped } from './import-state.ts'

interface FileButtonProps {
  label: string
  isFolder?: boolean
  onFiles: (files: Dropped) => void
}

/** Asks for files, or for a folder with all that is in it. */
export function FileButton({ label, isFolder = false, onFiles }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={`Send ${label}`}
        {...(isFolder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          const { files } = event.currentTarget
          if (files !== null && files.length > 0) onFiles(Promise.resolve(listFiles(files)))
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
