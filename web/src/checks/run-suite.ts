import type { Job } from '../api/client.ts'
import { startJob, useJobs } from '../shell/changes.ts'
import { setView } from '../shell/view.ts'

const concerned = new Set(['check.run', 'check.init'])

/** The run of checks on a dataset that is under way, or the newest that failed since. */
export function useCheckJob(dataset: string): { running: Job | undefined; failed: Job | undefined } {
  const own = useJobs().filter(
    ({ operation, input }) =>
      concerned.has(operation) && ((input as { dataset?: string } | null)?.dataset ?? dataset) === dataset,
  )
  const [latest] = own
  const running = own.find(({ endedAt }) => endedAt === null)
  return { running, failed: running === undefined && latest?.state === 'failed' ? latest : undefined }
}

export interface RunChoice {
  suite: string
  scope: string
  against: string
  environment: string
  stage: '' | 'source' | 'staging' | 'production'
}

/** Runs a suite; its report shows by itself when it is there. */
export async function runSuite(
  dataset: string,
  { suite, scope, against, environment, stage }: RunChoice,
): Promise<void> {
  setView({ report: null }, { replace: true })
  await startJob('check.run', {
    dataset,
    suite,
    scope,
    ...(against.trim() === '' ? {} : { against: against.trim() }),
    ...(environment === '' ? {} : { environment }),
    ...(stage === '' ? {} : { stage }),
  })
}

/** Writes a suite from what the data is like now. */
export async function writeSuite(dataset: string): Promise<void> {
  await startJob('check.init', { dataset })
}
