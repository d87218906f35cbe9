import { stat } from 'node:fs/promises'
import { cancelJob, listJobs, resumeJob, showJob, workspaceInfo } from '#contract'
import { implement, type Operation } from '#base'
import type { Jobs } from './jobs.ts'
import { readVersion } from './version.ts'
import type { Workspace } from './workspace.ts'

export const ownIds = ['workspace.info', 'job.list', 'job.show', 'job.cancel', 'job.resume']

/** The operations about the workspace itself and its jobs. */
export function createOwnOperations(deps: {
  workspace: Workspace
  jobs: Jobs
  schemaVersion: number
  countDatasets: () => Promise<number>
}): Operation[] {
  const { workspace, jobs } = deps
  return [
    implement(workspaceInfo, async () => ({
      path: workspace.folder,
      version: readVersion(),
      schema: deps.schemaVersion,
      bytes: (await stat(workspace.catalogFile).catch(() => undefined))?.size ?? 0,
      datasets: await deps.countDatasets(),
    })),
    implement(listJobs, async ({ state, limit }) => ({ jobs: await jobs.list({ state, limit }) })),
    implement(showJob, async ({ job }) => ({ job: await jobs.show(job) })),
    implement(cancelJob, async ({ job }) => ({ job: await jobs.cancel(job) })),
    implement(resumeJob, async ({ job }) => ({ job: (await jobs.resume(job)).job })),
  ]
}
