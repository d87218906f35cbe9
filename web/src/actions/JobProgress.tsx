import type { Job } from '../api/client.ts'
import { describeProgress } from './progress.ts'

/** How far long work is, as a bar and in words. */
export function JobProgress({ job: { operation, progress } }: { job: Job }) {
  const share =
    progress === null || progress.total === null || progress.total === 0 ? null : progress.done / progress.total
  return (
    <>
      <progress
        className="actions-wide"
        aria-label={`Progress of ${operation}`}
        {...(share === null ? {} : { value: share })}
        max={1}
      />
      <div className="hint">{progress === null ? 'Starting…' : describeProgress(progress)}</div>
    </>
  )
}
