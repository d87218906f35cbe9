import type { ReactNode } from 'react'
import { cancelJob, useJobs } from '../shell/changes.ts'
import { JobProgress } from './JobProgress.tsx'
import { openJobs } from './jobs-state.ts'
import { Problem } from './Problem.tsx'

interface JobRunProps {
  id: string
  /** What stands there when the job is done. */
  children: (result: unknown) => ReactNode
  /** Back to the form, after a job that was not done. */
  onBack: () => void
  onClose: () => void
}

/** A job that a dialog has begun: its progress, then what came of it. It goes on when the dialog is closed. */
export function JobRun({ id, children, onBack, onClose }: JobRunProps) {
  const job = useJobs().find((one) => one.id === id)
  if (job === undefined) return null
  if (job.state === 'done') return children(job.result)
  if (job.endedAt === null)
    return (
      <>
        <div>
          <JobProgress job={job} />
        </div>
        <div className="actions-row actions-foot">
          <button type="button" onClick={() => void cancelJob(id)}>
            Cancel
          </button>
          <button
            type="button"
            autoFocus
            onClick={() => {
              onClose()
              openJobs()
            }}
          >
            Go on in the background
          </button>
        </div>
      </>
    )
  return (
    <>
      {job.state === 'cancelled' ? <p role="status">It was cancelled. What was done stays.</p> : null}
      {job.state !== 'cancelled' && <Problem error={job.error} />}
      <div className="actions-row actions-foot">
        <button type="button" autoFocus onClick={onBack}>
          Back
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  )
}
