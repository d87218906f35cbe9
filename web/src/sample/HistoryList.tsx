import { redo, undo } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { formatMoment } from './values.ts'

/** What was done to the dataset the sample is of, newest first. */
export function HistoryList({ dataset }: { dataset: string }) {
  const { data, error, isPending } = useCall('history.list', { dataset, limit: 50 })
  if (error !== null) return <div className="sample-empty problem">{error.message}</div>
  if (isPending) return <div className="sample-empty">Loading…</div>
  return (
    <div className="sample-scroll" tabIndex={-1}>
      <ol className="sample-history" aria-label={`Changes of ${dataset}`}>
        {data.changes.map(({ id, at, actor, summary, changed, state }) => (
          <li key={id} className={state === 'undone' ? 'undone' : ''}>
            <div>
              <div>{summary}</div>
              <div className="hint">
                {formatMoment(at)} · {actor} · {changed.toLocaleString('en')} changed
                {state !== 'applied' && ` · ${state}`}
              </div>
            </div>
            {state === 'undone' ? (
              <button type="button" className="sample-small" onClick={() => void redo(id)}>
                Redo
              </button>
            ) : (
              <button type="button" className="sample-small" onClick={() => void undo(id)}>
                Undo
              </button>
            )}
          </li>
        ))}
      </ol>
      {data.changes.length === 0 && <div className="sample-empty">Nothing was changed yet.</div>}
    </div>
  )
}
