import type { ApiError, Job } from '../api/client.ts'
import { cancelJob } from '../shell/changes.ts'
import type { Space } from './map-data.ts'
import { embedAndMap, makeMap, type Method } from './map-jobs.ts'

const methods: readonly { method: Method; title: string; says: string }[] = [
  { method: 'umap', title: 'UMAP', says: 'neighbours stay together; new samples can be added later' },
  { method: 'tsne', title: 't-SNE', says: 'tight, well parted groups' },
  { method: 'pca', title: 'PCA', says: 'at once; the directions of greatest spread' },
]

/** Shown in place of the map while there is none: what is missing, and a button that makes it. */
export function MapSetup({
  dataset,
  space,
  running,
  failed,
  isFollowed,
}: {
  dataset: string
  space: Space | undefined
  running: Job | undefined
  failed: Job | undefined
  isFollowed: boolean
}) {
  if (running !== undefined)
    return (
      <div className="empty map-setup">
        <h1>{titles[running.operation] ?? running.operation}</h1>
        <JobProgress job={running} />
        <p>{isFollowed ? 'Then the map is laid out. It appears here by itself.' : 'The map appears here by itself.'}</p>
      </div>
    )
  const isBehind = space === undefined || space.missing + space.stale > 0
  return (
    <div className="empty map-setup">
      {failed?.error != null && <Problem error={failed.error} />}
      <h1>{space === undefined ? 'No map yet' : `Space ${space.name} has no map yet`}</h1>
      {space === undefined ? (
        <p>
          A map lays out all samples of {dataset} so that those that look alike lie close together. A network on this
          machine looks at every picture once; nothing leaves it.
        </p>
      ) : (
        <p>
          {space.vectors.toLocaleString('en')} {space.of} have a vector.
          {isBehind && ` ${describeGap(space)}, and will be looked at first.`} Choose how to lay them out:
        </p>
      )}
      <div className="map-choices">
        {methods.map(({ method, title, says }) => (
          <button
            key={method}
            type="button"
            onClick={() =>
              void (isBehind && space?.model !== 'imported'
                ? embedAndMap(dataset, space, method)
                : makeMap(dataset, space?.name, method))
            }
          >
            <strong>{title}</strong>
            <span className="map-quiet">{says}</span>
          </button>
        ))}
      </div>
    </div>
  )
}

const titles: Record<string, string> = {
  'spaces.embed': 'Looking at the pictures',
  'spaces.map': 'Laying out the map',
  'spaces.cluster': 'Grouping the samples',
  'spaces.import': 'Reading vectors',
}

export function describeGap({ missing, stale, of }: Space): string {
  return [
    ...(missing > 0 ? [`${missing.toLocaleString('en')} ${of} have no vector yet`] : []),
    ...(stale > 0 ? [`${stale.toLocaleString('en')} ${of} have changed since`] : []),
  ].join(', ')
}

/** A job's stage, bar and time left, with a way to stop it. */
export function JobProgress({ job }: { job: Job }) {
  const { progress } = job
  const share = progress?.total == null || progress.total === 0 ? undefined : progress.done / progress.total
  const said =
    progress === null
      ? 'Starting…'
      : `${progress.stage}: ${progress.done.toLocaleString('en')}${
          progress.total === null ? '' : ` of ${progress.total.toLocaleString('en')}`
        } ${progress.unit}${progress.secondsLeft === null ? '' : `, ${describeTime(progress.secondsLeft)} left`}`
  return (
    <div className="map-progress">
      <progress
        aria-label={titles[job.operation] ?? job.operation}
        {...(share === undefined ? {} : { value: share })}
      />
      <span>{said}</span>
      <button type="button" onClick={() => void cancelJob(job.id)}>
        Cancel
      </button>
    </div>
  )
}

function describeTime(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`
}

/** What went wrong, and what to do. */
export function Problem({ error, onMend, mend }: { error: ApiError; onMend?: () => void; mend?: string }) {
  return (
    <div className="map-problem" role="alert">
      <div className="problem">{error.message}</div>
      {error.hint !== undefined && <div className="hint">{error.hint}</div>}
      {onMend !== undefined && (
        <button type="button" onClick={onMend}>
          {mend}
        </button>
      )}
    </div>
  )
}
