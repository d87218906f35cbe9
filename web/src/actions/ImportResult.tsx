import type { Output } from '../api/client.ts'
import { useCall } from '../shell/data.ts'
import { setView } from '../shell/view.ts'

const shownAtMost = 6

interface ImportResultProps {
  result: Output<'dataset.import'>
  /** What was imported; problems speak of files below it. */
  source: string
  onClose: () => void
}

/** What an import took, and what it could not take. */
export function ImportResult({ result, source, onClose }: ImportResultProps) {
  const { dataset, added, updated, unchanged, skipped, labels, problems, seconds } = result
  const told = useCall('dataset.problems', { dataset, limit: shownAtMost }, { enabled: problems > 0 })
  const show = (tab: 'grid' | 'card'): void => {
    setView({ dataset, query: '', sample: null, space: null, group: null, report: null, tab })
    onClose()
  }
  const shortOf = (file: string): string => (file.startsWith(`${source}/`) ? file.slice(source.length + 1) : file)
  return (
    <>
      <div role="status" className="actions-found">
        <strong>{`${count(added, 'new sample')} and ${count(labels, 'label')} in ${dataset}`}</strong>
        <div className="hint">
          {[
            ...(updated > 0 ? [`${count(updated, 'sample')} changed`] : []),
            ...(unchanged > 0 ? [`${count(unchanged, 'sample')} as they were`] : []),
            ...(skipped > 0 ? [`${count(skipped, 'file')} left out`] : []),
            `${seconds.toFixed(1)} s`,
          ].join(' · ')}
        </div>
      </div>
      {problems > 0 && (
        <section aria-label="Problems">
          <p>{`${count(problems, 'problem')}:`}</p>
          <ul className="actions-losses">
            {(told.data?.problems ?? []).map(({ file, what, fix }) => (
              <li key={`${file} ${what}`}>
                <span className="mono">{shortOf(file)}</span>: {what} <span className="hint">{fix}</span>
              </li>
            ))}
          </ul>
          {(told.data?.total ?? 0) > shownAtMost && (
            <button type="button" onClick={() => show('card')}>
              {`All ${told.data!.total.toLocaleString('en')} of ${dataset}`}
            </button>
          )}
        </section>
      )}
      <div className="actions-row actions-foot">
        <button type="button" className="actions-main" autoFocus onClick={() => show('grid')}>
          {`Show ${dataset}`}
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  )
}

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`
