import { useMemo, useState, type KeyboardEvent } from 'react'
import { listCommands, useCommands, type Command } from '../shell/keys.ts'
import './actions.css'
import { Dialog } from './Dialog.tsx'
import { DropTarget } from './DropTarget.tsx'
import { openExport, useExportOpen } from './export-state.ts'
import { ExportDialog } from './ExportDialog.tsx'
import { openImport, useImport } from './import-state.ts'
import { ImportDialog } from './ImportDialog.tsx'
import { toggleJobs } from './jobs-state.ts'
import { moreOperations } from './more.ts'
import { OperationForm } from './OperationForm.tsx'
import { useOperations } from './operations.ts'
import { closePalette, openPalette, usePalette } from './palette-state.ts'
import { Problem } from './Problem.tsx'

const own: readonly Command[] = [
  { id: 'palette', title: 'Find a command', keys: 'ctrl+k', run: openPalette },
  { id: 'import', title: 'Import…', run: openImport },
  { id: 'export', title: 'Export…', run: openExport },
  { id: 'jobs', title: 'Show or hide jobs', keys: 'j', run: toggleJobs },
]
const shownAtMost = 60

/** Everything that can be done, by name: commands of the page with their keys, and every operation of the server. */
export function Palette() {
  useCommands(own)
  const opened = usePalette()
  const importing = useImport()
  const isExporting = useExportOpen()
  return (
    <>
      {importing !== null && <ImportDialog dropped={importing.dropped} />}
      {isExporting && <ExportDialog />}
      {opened !== null && <OpenPalette key={opened.operation} operation={opened.operation} />}
      <DropTarget />
    </>
  )
}

interface Entry {
  key: string
  title: string
  detail: string
  run: () => void
}

function OpenPalette({ operation }: { operation: string | null }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [name, setName] = useState(operation)
  const { operations, error } = useOperations()
  const chosen = operations.find(({ id }) => id === name)

  const entries = useMemo<Entry[]>(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const fits = (what: string): boolean => words.every((word) => what.toLowerCase().includes(word))
    const commands = listCommands()
      .filter(({ id }) => id !== 'palette')
      .map(({ id, title, keys, run }) => ({ key: id, title, detail: keys ?? '', run: () => [closePalette(), run()] }))
    const calls = operations.map(({ id, summary }) => ({
      key: id,
      title: summary,
      detail: id,
      run: () => setName(id),
    }))
    return [...commands, ...calls].filter(({ title, detail }) => fits(`${title} ${detail}`)).slice(0, shownAtMost)
  }, [text, operations])

  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt((now) => Math.min(entries.length - 1, now + 1))
    else if (event.key === 'ArrowUp') setAt((now) => Math.max(0, now - 1))
    else if (event.key === 'Enter') entries[at]?.run()
    else return
    event.preventDefault()
  }
  return (
    <Dialog label="Commands" className="actions-palette" onClose={closePalette}>
      {chosen !== undefined ? (
        <OperationForm
          operation={chosen}
          first={moreOperations.find(({ id }) => id === chosen.id)?.fields}
          onBack={() => setName(null)}
          onClose={closePalette}
        />
      ) : (
        <>
          <input
            // The palette is opened to type into it.
            autoFocus
            role="combobox"
            aria-label="Find a command"
            aria-expanded
            aria-controls="palette-list"
            aria-activedescendant={entries[at] === undefined ? undefined : `palette-${at}`}
            placeholder="What do you want to do?"
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setAt(0)
            }}
            onKeyDown={onKey}
          />
          <ul id="palette-list" role="listbox" aria-label="Commands" className="actions-list">
            {entries.map(({ key, title, detail, run }, i) => (
              <li
                key={key}
                id={`palette-${i}`}
                role="option"
                aria-selected={i === at}
                onClick={run}
                onMouseMove={() => setAt(i)}
                ref={i === at ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
              >
                <span>{title}</span>
                <span className="hint mono">{detail}</span>
              </li>
            ))}
          </ul>
          {entries.length === 0 && <p className="hint">Nothing is called like that.</p>}
          <Problem error={error} />
        </>
      )}
    </Dialog>
  )
}
