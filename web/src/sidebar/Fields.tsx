import { useMemo, useState } from 'react'
import { useCall } from '../shell/data.ts'
import { FieldPanel, type Field } from './FieldPanel.tsx'

const telling = ['brightness', 'contrast', 'sharpness', 'width', 'height']
/** These have their own place: splits above, ids in the grid. */
const elsewhere = new Set(['id', 'split'])
/** Values that differ for nearly every sample come last. */
const scattered = new Set(['path', 'source', 'md5', 'sha256', 'phash', 'note'])

/** Every field of the dataset: the user's own first, then the telling ones, then the rest. */
export function Fields({ dataset, query }: { dataset: string; query: string }) {
  const { data, error } = useCall('field.list', { dataset })
  const [wanted, setWanted] = useState('')
  const ordered = useMemo(
    () => (data?.fields ?? []).filter(({ name }) => !elsewhere.has(name)).toSorted(byRank),
    [data],
  )
  const words = wanted.trim().toLowerCase().split(/\s+/)
  const isFound = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word))
  const named = ordered.filter(({ name }) => isFound(name))
  // What a field is about finds it only where no name does.
  const found = named.length > 0 ? named : ordered.filter(({ summary }) => isFound(summary))
  if (error !== null && data === undefined) return <p className="sidebar-empty problem">{error.message}</p>
  return (
    <>
      <label className="sidebar-find">
        <span className="visually-hidden">Find a field</span>
        <input
          type="search"
          value={wanted}
          placeholder="Find a field"
          spellCheck={false}
          onChange={(event) => setWanted(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setWanted('')
          }}
        />
      </label>
      {found.map((field) => (
        <FieldPanel
          key={field.name}
          dataset={dataset}
          query={query}
          field={field}
          isOpenAtFirst={!field.builtIn || telling.includes(field.name)}
        />
      ))}
      {found.length === 0 && (
        <p className="sidebar-empty">
          {data === undefined ? 'Loading…' : `No field has “${wanted.trim()}” in its name.`}
        </p>
      )}
    </>
  )
}

const rank = ({ name, builtIn }: Field): number => {
  if (!builtIn) return 0
  const at = telling.indexOf(name)
  return at >= 0 ? 1 + at : scattered.has(name) ? 100 : 50
}
const byRank = (a: Field, b: Field): number => rank(a) - rank(b)
