import type { ReactNode } from 'react'

interface RowProps {
  label: string
  title?: string | undefined
  /** Colour of the dot in front. */
  colour?: string | undefined
  /** What stands in front of the row: its place in a tree. */
  lead?: ReactNode
  indent?: number
  /** Samples under the query; undefined while not known. */
  count: number | undefined
  /** Samples of the whole dataset. */
  total: number | undefined
  /** Bars behind the row, 0 to 1: the dataset's and the query's part of it. */
  bar?: { whole: number; part: number }
  /** How the query stands to it. */
  state: 'in' | 'out' | 'none'
  onInclude: () => void
  onExclude: () => void
}

/** One thing to find samples by: a click wants it, Alt and a click or the − shuts it out, the same again takes that back. */
export function Row({
  label,
  title,
  colour,
  lead,
  indent = 0,
  count,
  total,
  bar,
  state,
  onInclude,
  onExclude,
}: RowProps) {
  const numbers = sayCounts(count, total)
  return (
    <li className="sidebar-row" data-state={state} data-empty={count === 0 || undefined}>
      {indent > 0 && <span style={{ flex: `0 0 ${Math.min(indent, 12) * 12}px` }} />}
      {lead}
      <button
        type="button"
        className="sidebar-pick"
        aria-pressed={state === 'in'}
        title={title ?? label}
        onClick={(event) => (event.altKey ? onExclude() : onInclude())}
      >
        {bar !== undefined && (
          <>
            <span className="sidebar-bar sidebar-bar-whole" style={{ width: `${bar.whole * 100}%` }} />
            <span className="sidebar-bar" style={{ width: `${bar.part * 100}%` }} />
          </>
        )}
        {colour !== undefined && <span className="sidebar-dot" style={{ background: colour }} />}
        <span className="sidebar-label">{label}</span>
        <span className="sidebar-counts" aria-label={numbers.said}>
          {numbers.shown}
          {numbers.whole !== null && <span className="sidebar-whole"> / {numbers.whole}</span>}
        </span>
      </button>
      <button
        type="button"
        className="sidebar-exclude"
        aria-pressed={state === 'out'}
        aria-label={`Exclude ${label}`}
        title="Exclude (Alt and click on the row)"
        onClick={onExclude}
      >
        −
      </button>
    </li>
  )
}

function sayCounts(
  count: number | undefined,
  total: number | undefined,
): { shown: string; whole: string | null; said: string } {
  const whole = total?.toLocaleString('en')
  if (count === undefined) return { shown: whole ?? '…', whole: null, said: whole ?? 'loading' }
  const shown = count.toLocaleString('en')
  if (whole === undefined || whole === shown) return { shown, whole: null, said: `${shown} samples` }
  return { shown, whole, said: `${shown} of ${whole} samples` }
}
