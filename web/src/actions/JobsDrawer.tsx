import type { Job } from '../api/client.ts'
import { call } from '../api/client.ts'
import { cancelJob, tellFailure, useJobs, watchJob } from '../shell/changes.ts'
import './actions.css'
import { toggleJobs, useJobsOpen } from './jobs-state.ts'
import { describeProgress } from './progress.ts'

/** Long work, running and done, with what is left of it. */
export function JobsDrawer() {
  const isOpen = useJobsOpen()
  const jobs = useJobs()
  if (!isOpen) return null
  return (
    <aside className="actions-drawer" aria-label="Jobs">
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

function JobRow({ job }: { job: Job }) {
  const { progress } = job
  const share =
    progress === null || progress.total === null || progress.total === 0 ? null : progress.done / progress.total
  const resume = (): void => {
    void call('job.resume', { job: job.id })
      .then(({ job: again }) => watchJob(again))
      .catch(tellFailure)
  }
  return (
    <li className="actions-job">
      <div className="actions-job-head">
        <span className="mono">{job.operation}</span>
        <span className={job.state === 'failed' ? 'problem' : 'hint'}>{job.state}</span>
      </div>
      {job.endedAt === null && (
        <>
          <progress aria-label={`Progress of ${job.operation}`} {...(share === null ? {} : { value: share })} max={1} />
          <div className="hint">{progress === null ? 'Starting…' : describeProgress(progress)}</div>
        </>
      )}
      {job.error !== null && (
        <div>
          <div className="problem">{job.error.message}</div>
          {job.error.hint !== undefined && <div className="hint">{job.error.hint}</div>}
        </div>
      )}
      <div className="actions-row">
        {job.endedAt === null && (
          <button type="button" onClick={() => void cancelJob(job.id)}>
            Cancel
          </button>
        )}
        {(job.state === 'interrupted' || job.state === 'cancelled' || job.state === 'failed') && (
          <button type="button" onClick={resume}>
            Run again
          </button>
        )}
      </div>
    </li>
  )
}
