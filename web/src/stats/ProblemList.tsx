import { useState } from 'react'
import { useCall } from '../shell/data.ts'

const perPage = 50

/** What imports had to skip, and how to mend it. */
export function ProblemList({ dataset }: { dataset: string }) {
  const [offset, setOffset] = useState(0)
  const { data, error } = useCall('dataset.problems', { dataset, limit: perPage, offset })
  const total = data?.total ?? 0
  return (
    <section className="stats-section" aria-label="Problems">
      <h2>Problems ({total.toLocaleString('en')})</h2>
      {error !== null && (
        <p role="alert">
          <span className="problem">{error.message}</span> {error.hint}
        </p>
      )}
      {data !== undefined && total === 0 && <p className="hint">None: every file that was imported could be read.</p>}
      {total > 0 && (
        <table className="stats-table">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">What is wrong</th>
              <th scope="col">How to mend it</th>
            </tr>
          </thead>
          <tbody>
            {data!.problems.map(({ file, what, fix, code }, i) => (
              <tr key={offset + i}>
                <td className="mono stats-path" title={code}>
                  {file}
                </td>
                <td>{what}</td>
                <td>{fix}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {total > perPage && (
        <div className="stats-choices">
          <button type="button" disabled={offset === 0} onClick={() => setOffset(offset - perPage)}>
            Earlier
          </button>
          <span className="hint">
            {`${(offset + 1).toLocaleString('en')} – ${Math.min(total, offset + perPage).toLocaleString('en')}`}
          </span>
          <button type="button" disabled={offset + perPage >= total} onClick={() => setOffset(offset + perPage)}>
            Later
          </button>
        </div>
      )}
    </section>
  )
}
