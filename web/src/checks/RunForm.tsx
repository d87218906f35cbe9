import { useState } from 'react'
import type { Job, Output } from '../api/client.ts'
import { cancelJob } from '../shell/changes.ts'
import { useView } from '../shell/view.ts'
import { describeProgress } from '../actions/progress.ts'
import { runSuite, type RunChoice } from './run-suite.ts'

/** Choice of a suite and what it is run on. */
export function RunForm({
  dataset,
  file: { suites, environments },
  usual,
  running,
}: {
  dataset: string
  /** Suite that is offered first. */
  usual: string
  file: Output<'check.suites'>
  running: Job | undefined
}) {
  const { query } = useView()
  const fitting = suites.filter(({ datasets }) => datasets.length === 0 || datasets.includes(dataset))
  const [choice, setChoice] = useState<RunChoice>({ suite: '', scope: '', against: '', environment: '', stage: '' })
  const [isAll, setAll] = useState(false)
  const suite =
    fitting.find(({ name }) => name === choice.suite) ?? fitting.find(({ name }) => name === usual) ?? fitting[0]
  if (suite === undefined)
    return <p className="hint">No suite of the file is for {dataset}. Add it to the datasets of a suite.</p>
  const scope = isAll ? '' : query
  return (
    <form
      className="checks-form"
      onSubmit={(event) => {
        event.preventDefault()
        void runSuite(dataset, { ...choice, suite: suite.name, scope })
      }}
    >
      <label>
        Suite
        <select value={suite.name} onChange={(event) => setChoice({ ...choice, suite: event.target.value })}>
          {fitting.map(({ name, checks }) => (
            <option key={name} value={name}>
              {name} ({checks.length} checks)
            </option>
          ))}
        </select>
      </label>
      {query !== '' && (
        <label className="checks-inline">
          <input type="checkbox" checked={!isAll} onChange={(event) => setAll(!event.target.checked)} />
          <span>
            Only what the query shows: <code>{query}</code>
          </span>
        </label>
      )}
      <details>
        <summary>More choices</summary>
        <label>
          Compare with
          <input
            value={choice.against}
            placeholder="slice:NAME, dataset:NAME or a query"
            spellCheck={false}
            onChange={(event) => setChoice({ ...choice, against: event.target.value })}
          />
        </label>
        {environments.length > 0 && (
          <label>
            Environment
            <select
              value={choice.environment}
              onChange={(event) => setChoice({ ...choice, environment: event.target.value })}
            >
              <option value="">none</option>
              {environments.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <label>
          Stage
          <select
            value={choice.stage}
            onChange={(event) => setChoice({ ...choice, stage: event.target.value as RunChoice['stage'] })}
          >
            <option value="">every</option>
            <option>source</option>
            <option>staging</option>
            <option>production</option>
          </select>
        </label>
      </details>
      <button type="submit" className="checks-run" disabled={running !== undefined}>
        Run the checks
      </button>
      {running !== undefined && <Progress job={running} />}
    </form>
  )
}

/** Where a run stands, and a way to stop it. */
export function Progress({ job }: { job: Job }) {
  const { progress } = job
  const share = progress?.total == null || progress.total === 0 ? undefined : progress.done / progress.total
  return (
    <div className="checks-progress" role="status">
      <progress aria-label="Progress of the checks" {...(share === undefined ? {} : { value: share })} />
      <span className="hint">{progress === null ? 'Starting…' : describeProgress(progress)}</span>
      <button type="button" onClick={() => void cancelJob(job.id)}>
        Cancel
      </button>
    </div>
  )
}
