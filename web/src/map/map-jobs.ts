import { useEffect } from 'react'
import type { Job } from '../api/client.ts'
import { startJob, useJobs } from '../shell/changes.ts'
import { createStore, useStore } from '../shell/store.ts'
import type { Space } from './map-data.ts'

export type Method = 'umap' | 'tsne' | 'pca'

/** A map that is to be made when a job has brought the vectors up to date. */
interface Plan {
  job: string
  dataset: string
  space: string | undefined
  method: Method
}

const plan = createStore<Plan | null>(null)

const concerned = new Set(['spaces.embed', 'spaces.map', 'spaces.cluster', 'spaces.import'])

/** The job on the map of a dataset that runs, or the last that failed since; and whether a map will follow it. */
export function useMapJob(dataset: string): { running: Job | undefined; failed: Job | undefined; isFollowed: boolean } {
  const jobs = useJobs()
  const wanted = useStore(plan)
  const first = wanted === null ? undefined : jobs.find(({ id }) => id === wanted.job)
  useEffect(() => {
    if (wanted === null || first === undefined || first.endedAt === null) return
    // Taken back first: the effect may run again before the job is there.
    if (plan.get() === wanted) plan.set(null)
    else return
    if (first.state === 'done') void makeMap(wanted.dataset, wanted.space, wanted.method)
  }, [wanted, first])
  const own = jobs.filter(
    ({ operation, input }) =>
      concerned.has(operation) && ((input as { dataset?: string } | null)?.dataset ?? dataset) === dataset,
  )
  const running = own.find(({ endedAt }) => endedAt === null)
  const latest = own[0]
  const failed = running === undefined && latest !== undefined && latest.error !== null ? latest : undefined
  return { running, failed, isFollowed: wanted !== null && running?.id === wanted.job }
}

export async function makeMap(dataset: string, space: string | undefined, method: Method): Promise<void> {
  await startJob('spaces.map', { dataset, method, ...(space === undefined ? {} : { space }) })
}

/** Looks at what has no vector yet, then places it on the map. Without a space, the usual network makes one. */
export async function embedAndMap(dataset: string, space: Space | undefined, method: Method): Promise<void> {
  const job = await startJob('spaces.embed', {
    dataset,
    ...(space === undefined
      ? {}
      : {
          model: space.model,
          space: space.name,
          of: space.of,
          ...(space.layer === null ? {} : { layer: space.layer }),
        }),
  })
  if (job !== undefined) plan.set({ job: job.id, dataset, space: space?.name, method })
}

export async function makeClusters(dataset: string, space: string): Promise<void> {
  await startJob('spaces.cluster', { dataset, space })
}
