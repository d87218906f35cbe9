import { dropNotice, useNotices } from './notices.ts'

/** What just happened, with the way back. */
export function Notices() {
  const notices = useNotices()
  return (
    <div className="notices" role="status" aria-live="polite">
      {notices.map(({ id, kind, text, hint, action }) => (
        <div key={id} className={`notice ${kind}`}>
          <div>
            <div>{text}</div>
            {hint !== null && <div className="hint">{hint}</div>}
          </div>
          {action !== null && (
            <button
              type="button"
              onClick={() => {
                dropNotice(id)
                action.run()
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" aria-label="Close" onClick={() => dropNotice(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  )
}
