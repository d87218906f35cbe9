import { useEffect, useRef } from 'react'
import { call, type Job } from '../api/client.ts'
import { cancelJob, tellFailure, useJobs, watchJob } from '../shell/changes.ts'
import { getView, setView } from '../shell/view.ts'
import './actions.css'
import { toggleJobs, useJobsOpen } from './jobs-state.ts'
import { JobProgress } from './JobProgress.tsx'
import { describeResult, describeSpan } from './progress.ts'
import { Problem } from './Problem.tsx'

/** Long work, running and done, with what is left of it. */
export function JobsDrawer() {
  const isOpen = useJobsOpen()
  return isOpen ? <OpenDrawer /> : null
}

const isTrial = ({ input }: Job): boolean => (input as { dryRun?: unknown } | null)?.dryRun === true

function OpenDrawer() {
  const jobs = useJobs().filter((job) => !isTrial(job))
  const drawer = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    drawer.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <aside
      ref={drawer}
      className="actions-drawer"
      aria-label="Jobs"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        toggleJobs()
      }}
    >
      <div className="actions-drawer-head">
        <h2>Jobs</h2>
        <button type="button" aria-label="Close jobs" onClick={toggleJobs}>
          ×
        </button>
      </div>
      {jobs.length === 0 && (
        <p className="hint">Nothing has run yet. Imports, exports, embeddings and other long work appear here.</p>
      )}
      <ul className="actions-jobs">
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </ul>
    </aside>
  )
}

const states: Record<Job['state'], string> = {
  running: 'running',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  interrupted: 'interrupted: the server stopped',
}

function JobRow({ job }: { job: Job }) {
  const dataset = datasetOf(job)
  const resume = (): void => {
    void call('job.resume', { job: job.id })
      .then(({ job: again }) => watchJob(again))
      .catch(tellFailure)
  }
  const result = job.state === 'done' ? describeResult(job.result) : ''
  const canResume = job.state === 'interrupted' || job.state === 'cancelled' || job.state === 'failed'
  const canShow = job.state === 'done' && dataset !== null && dataset !== getView().dataset
  return (
    <li className="actions-job">
      <div className="actions-job-head">
        <span className="mono">{job.operation}</span>
        <span className={job.state === 'failed' ? 'problem' : 'hint'}>{states[job.state]}</span>
      </div>
      <div className="hint">
        {[
          ...(dataset === null ? [] : [dataset]),
          new Date(job.startedAt).toLocaleString(),
          ...(job.endedAt === null ? [] : [describeSpan(job.startedAt, job.endedAt)]),
        ].join(' · ')}
      </div>
      {job.endedAt === null && <JobProgress job={job} />}
      {job.error !== null && job.state !== 'cancelled' && <Problem error={job.error} />}
      {result !== '' && (
        <details className="actions-result">
          <summary>{result}</summary>
          <pre className="actions-answer" tabIndex={0} aria-label={`Result of ${job.operation}`}>
            {JSON.stringify(job.result, null, 2).slice(0, 20_000)}
          </pre>
        </details>
      )}
      {(job.endedAt === null || canResume || canShow) && (
        <div className="actions-row">
          {job.endedAt === null && (
            <button type="button" onClick={() => void cancelJob(job.id)}>
              Cancel
            </button>
          )}
          {canResume && (
            <button type="button" onClick={resume}>
              {job.state === 'failed' ? 'Try again' : 'Resume'}
            </button>
          )}
          {canShow && (
            <button
              type="button"
              onClick={() => setView({ dataset, query: '', sample: null, space: null, group: null, report: null })}
            >
              Show {dataset}
            </button>
          )}
        </div>
      )}
    </li>
  )
}

/** The dataset a job is about, from what it answered or was asked. */
function datasetOf({ result, input }: Job): string | null {
  for (const from of [result, input]) {
    const dataset = (from as { dataset?: unknown } | null)?.dataset
    if (typeof dataset === 'string') return dataset
  }
  return null
}
