import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { listCommands, useCommands, type Command } from '../shell/keys.ts'
import './actions.css'
import { OperationForm } from './OperationForm.tsx'
import { useOperations, type OperationInfo } from './operations.ts'
import { closePalette, openPalette, usePaletteOpen } from './palette-state.ts'

const own: readonly Command[] = [{ id: 'palette', title: 'Find a command', keys: 'ctrl+k', run: openPalette }]
const shownAtMost = 60

/** Everything that can be done, by name: commands of the page with their keys, and every operation of the server. */
export function Palette() {
  useCommands(own)
  const isOpen = usePaletteOpen()
  return isOpen ? <OpenPalette /> : null
}

interface Entry {
  key: string
  title: string
  detail: string
  run: () => void
}

function OpenPalette() {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [chosen, setChosen] = useState<OperationInfo | null>(null)
  const operations = useOperations()
  useEffect(() => dialog.current?.showModal(), [])

  const entries = useMemo<Entry[]>(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const fits = (what: string): boolean => words.every((word) => what.toLowerCase().includes(word))
    const commands = listCommands()
      .filter(({ id }) => id !== 'palette')
      .map(({ id, title, keys, run }) => ({ key: id, title, detail: keys ?? '', run: () => [closePalette(), run()] }))
    const calls = operations.map((operation) => ({
      key: operation.id,
      title: operation.summary,
      detail: operation.id,
      run: () => setChosen(operation),
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
    <dialog ref={dialog} className="actions-palette" aria-label="Commands" onClose={closePalette}>
      {chosen !== null ? (
        <OperationForm operation={chosen} onBack={() => setChosen(null)} onClose={closePalette} />
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
        </>
      )}
    </dialog>
  )
}
