import { useEffect, useId, useRef, useState } from 'react'
import { change } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { sliceCondition } from './slice-condition.ts'

interface SliceMenuProps {
  dataset: string
  query: string
  isOpen: boolean
  onOpen: (isOpen: boolean) => void
  onApply: (query: string) => void
}

/** Saved queries: save the one of the page under a name, use one, forget one. */
export function SliceMenu({ dataset, query, isOpen, onOpen, onApply }: SliceMenuProps) {
  const panel = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const id = useId()
  useEffect(() => {
    if (!isOpen) return
    panel.current?.querySelector('input')?.focus()
    const onDown = (event: PointerEvent): void => {
      const target = event.target as Node
      if (!panel.current?.contains(target) && !opener.current?.contains(target)) onOpen(false)
    }
    addEventListener('pointerdown', onDown)
    return () => removeEventListener('pointerdown', onDown)
  }, [isOpen, onOpen])
  const close = (): void => {
    onOpen(false)
    opener.current?.focus()
  }
  return (
    <div className="query-slices">
      <button ref={opener} type="button" aria-expanded={isOpen} aria-controls={id} onClick={() => onOpen(!isOpen)}>
        Slices
      </button>
      {isOpen && (
        <div
          ref={panel}
          id={id}
          className="query-panel"
          role="group"
          aria-label="Saved slices"
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.stopPropagation()
            close()
          }}
        >
          <SaveForm dataset={dataset} query={query} />
          <SliceList
            dataset={dataset}
            onApply={(made) => {
              onApply(made)
              close()
            }}
          />
        </div>
      )}
    </div>
  )
}

function SaveForm({ dataset, query }: { dataset: string; query: string }) {
  const [name, setName] = useState('')
  const isEmpty = query === ''
  return (
    <form
      className="query-save"
      onSubmit={(event) => {
        event.preventDefault()
        const given = name.trim()
        if (given === '' || isEmpty) return
        void change(
          'slice.save',
          { dataset, name: given, query },
          ({ slice }) => `Saved slice ${slice.name}: ${countOf(slice.count)}`,
        ).then((saved) => {
          if (saved !== undefined) setName('')
        })
      }}
    >
      <label>
        <span className="visually-hidden">Name of the slice</span>
        <input
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder={isEmpty ? 'Type a query to save it' : 'Save this query as…'}
          disabled={isEmpty}
          maxLength={200}
          spellCheck={false}
        />
      </label>
      <button type="submit" disabled={isEmpty || name.trim() === ''}>
        Save
      </button>
    </form>
  )
}

function SliceList({ dataset, onApply }: { dataset: string; onApply: (query: string) => void }) {
  const { data, error } = useCall('slice.list', { dataset })
  if (error !== null) return <p className="problem">{error.message}</p>
  if (data === undefined) return <p className="hint">Loading…</p>
  if (data.slices.length === 0) return <p className="hint">No slices yet. A saved query can be used by its name.</p>
  return (
    <ul>
      {data.slices.map(({ name, query, count }) => (
        <li key={name}>
          <button type="button" className="query-slice" title={query} onClick={() => onApply(sliceCondition(name))}>
            <span className="query-slice-name">{name}</span>
            <span className="query-number">{count === null ? 'no longer fits' : count.toLocaleString('en')}</span>
            <span className="query-slice-text mono">{query}</span>
          </button>
          <button
            type="button"
            aria-label={`Forget the slice ${name}`}
            title="Forget this slice; its samples stay"
            onClick={() => void change('slice.remove', { dataset, name }, () => `Forgot slice ${name}`)}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  )
}

const countOf = (count: number | null): string =>
  count === null ? 'samples' : `${count.toLocaleString('en')} sample${count === 1 ? '' : 's'}`
