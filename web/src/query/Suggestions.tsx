import { useEffect, useRef } from 'react'
import type { Suggestion } from './insert.ts'

interface SuggestionsProps {
  id: string
  suggestions: readonly Suggestion[]
  chosen: number
  onAccept: (suggestion: Suggestion) => void
}

/** What may come next, under the bar. The focus stays in the bar. */
export function Suggestions({ id, suggestions, chosen, onAccept }: SuggestionsProps) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <ul id={id} ref={list} className="query-suggestions" role="listbox" aria-label="Suggestions">
      {suggestions.map((suggestion, i) => (
        <li
          key={`${suggestion.kind} ${suggestion.text}`}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === chosen}
          // Before the bar loses the focus.
          onMouseDown={(event) => {
            event.preventDefault()
            onAccept(suggestion)
          }}
        >
          <span className={`query-kind query-kind-${suggestion.kind}`}>{suggestion.kind}</span>
          <span className="query-suggested mono">{suggestion.text}</span>
          <span className="query-detail">{suggestion.detail === suggestion.kind ? '' : suggestion.detail}</span>
          {suggestion.count !== null && <span className="query-number">{suggestion.count.toLocaleString('en')}</span>}
        </li>
      ))}
    </ul>
  )
}
