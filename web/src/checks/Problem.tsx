import type { ReactNode } from 'react'
import type { ApiError } from '../api/client.ts'
import { problemsOf } from './report-data.ts'

/** What went wrong, where in the file, and what to do. */
export function Problem({ title, error, children }: { title: string; error: ApiError; children?: ReactNode }) {
  const broken = problemsOf(error.details)
  return (
    <div className="checks-problem" role="alert">
      <h2>{title}</h2>
      {broken === null ? (
        <p className="problem">{error.message}</p>
      ) : (
        <>
          <p className="mono">{broken.file}</p>
          <ol>
            {broken.problems.map(({ line, column, message, hint }, i) => (
              <li key={i}>
                <span className="mono">{`${line}:${column}`}</span>
                <div>
                  <div className="problem">{message}</div>
                  {hint !== null && <div className="hint">{hint}</div>}
                </div>
              </li>
            ))}
          </ol>
        </>
      )}
      {error.hint !== undefined && <p>{error.hint}</p>}
      {children}
    </div>
  )
}
