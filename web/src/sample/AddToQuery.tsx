import { notify } from '../shell/notices.ts'
import { addCondition, getView, setView } from '../shell/view.ts'

/** Adds a condition to the page's query; the sample stays open. */
export function AddToQuery({ condition }: { condition: string }) {
  return (
    <button
      type="button"
      className="sample-small"
      title={`Add to the query: ${condition}`}
      aria-label={`Add to the query: ${condition}`}
      onClick={() => {
        const before = getView().query
        setView({ query: addCondition(before, condition) })
        notify(`Added to the query: ${condition}`, { label: 'Take back', run: () => setView({ query: before }) })
      }}
    >
      + Query
    </button>
  )
}
