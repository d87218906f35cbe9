import type { ReactNode } from 'react'
import { notify } from '../shell/notices.ts'
import { addCondition, getView, setView } from '../shell/view.ts'

interface AddToQueryProps {
  condition: string
  className?: string
  children?: ReactNode
}

/** Adds a condition to the page's query; the sample stays open. */
export function AddToQuery({ condition, className = 'sample-small', children }: AddToQueryProps) {
  return (
    <button
      type="button"
      className={className}
      title={`Add to the query: ${condition}`}
      onClick={() => {
        const before = getView().query
        setView({ query: addCondition(before, condition) })
        notify(`Added to the query: ${condition}`, { label: 'Take back', run: () => setView({ query: before }) })
      }}
    >
      {children ?? '+ Query'}
    </button>
  )
}
