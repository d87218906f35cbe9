import { useState, type ReactNode } from 'react'

const shownAtFirst = 12
const shownMore = 200

/** A list that begins short and grows when asked to. */
export function Rows<T>({ items, render }: { items: readonly T[]; render: (item: T) => ReactNode }) {
  const [shown, setShown] = useState(shownAtFirst)
  // A list that is hardly longer is shown whole.
  const end = items.length <= shown + 3 ? items.length : shown
  return (
    <>
      <ul className="sidebar-rows">{items.slice(0, end).map(render)}</ul>
      {end < items.length && (
        <button type="button" className="sidebar-more" onClick={() => setShown(shown + shownMore)}>
          {Math.min(shownMore, items.length - end).toLocaleString('en')} more
        </button>
      )}
      {shown > shownAtFirst && (
        <button type="button" className="sidebar-more" onClick={() => setShown(shownAtFirst)}>
          Fewer
        </button>
      )}
    </>
  )
}
