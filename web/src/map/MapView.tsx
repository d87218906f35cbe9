import { useState } from 'react'
import type { Job } from '../api/client.ts'
import { useCall } from '../shell/data.ts'
import { useView } from '../shell/view.ts'
import { MapBoard } from './MapBoard.tsx'
import { chooseSpace, usePoints, type Space } from './map-data.ts'
import { embedAndMap, makeMap, useMapJob, type Method } from './map-jobs.ts'
import { describeGap, JobProgress, MapSetup, Problem } from './MapSetup.tsx'
import { useMapState } from './map-state.ts'
import type { Scene } from './scene.ts'
import { methodOf, Toolbar } from './Toolbar.tsx'
import './map.css'

/** The embedding map of the page's dataset; what is missing for it can be made from here. */
export function MapView() {
  const { dataset } = useView()
  return dataset === null ? null : <DatasetMap key={dataset} dataset={dataset} />
}

function DatasetMap({ dataset }: { dataset: string }) {
  const view = useView()
  const state = useMapState()
  const [scene, setScene] = useState<Scene | null>(null)
  const spaces = useCall('spaces.list', { dataset })
  const fields = useCall('field.list', { dataset })
  const job = useMapJob(dataset)
  const space = spaces.data === undefined ? undefined : chooseSpace(spaces.data.spaces, view.space)
  const method = space?.maps.find((one) => one === state.method) ?? space?.maps[0]
  const points = usePoints(dataset, space, method)

  if (spaces.error !== null && spaces.data === undefined)
    return (
      <div className="empty">
        <Problem error={spaces.error} mend="Try again" onMend={() => void spaces.refetch()} />
      </div>
    )
  if (spaces.data === undefined) return <div className="loading">Loading the map…</div>
  if (space === undefined || method === undefined) return <MapSetup dataset={dataset} space={space} {...job} />
  return (
    <div className="map">
      <Toolbar
        dataset={dataset}
        spaces={spaces.data.spaces}
        space={space}
        method={method}
        fields={fields.data?.fields ?? []}
        scene={scene}
      />
      <Strip dataset={dataset} space={space} method={method} onMap={points.data?.ids.length} job={job} />
      {points.data !== undefined ? (
        <MapBoard dataset={dataset} points={points.data} fields={fields.data?.fields ?? []} onScene={setScene} />
      ) : points.error !== null ? (
        <div className="empty">
          <Problem
            error={points.error}
            {...(space.model === 'imported' && points.error.code === 'SPACE_STALE'
              ? {}
              : { mend: mendTitle(points.error.code), onMend: () => mend(points.error.code) })}
          />
        </div>
      ) : (
        <div className="loading">Loading {space.vectors.toLocaleString('en')} points…</div>
      )}
    </div>
  )

  function mend(code: string): void {
    if (code === 'SPACE_STALE' || code === 'SPACE_NOT_FOUND') void embedAndMap(dataset, space, methodOf(method!))
    else if (code === 'MAP_NOT_FOUND') void makeMap(dataset, space?.name, methodOf(method!))
    else void points.refetch()
  }
}

function mendTitle(code: string): string {
  if (code === 'SPACE_STALE' || code === 'SPACE_NOT_FOUND') return 'Embed, then make the map'
  return code === 'MAP_NOT_FOUND' ? 'Make the map' : 'Try again'
}

/** One line above the map while a job works on it, after it failed, and when samples are missing from the map. */
function Strip({
  dataset,
  space,
  method,
  onMap,
  job: { running, failed },
}: {
  dataset: string
  space: Space
  method: string
  onMap: number | undefined
  job: ReturnType<typeof useMapJob>
}) {
  const [dismissed, setDismissed] = useState<string | null>(null)
  const isBehind = space.missing + space.stale > 0
  const unplaced = onMap === undefined ? 0 : space.vectors - onMap
  const canEmbed = space.model !== 'imported'
  const mend = (wanted: Method): void =>
    void (isBehind ? embedAndMap(dataset, space, wanted) : makeMap(dataset, space.name, wanted))
  if (running !== undefined)
    return (
      <div className="map-strip">
        <JobProgress job={running} />
      </div>
    )
  if (failed?.error != null && failed.id !== dismissed)
    return (
      <div className="map-strip">
        <Problem
          error={failed.error}
          {...(failed.error.code === 'SPACE_STALE' && canEmbed
            ? { mend: 'Embed, then make the map', onMend: () => mend(methodOfJob(failed, method)) }
            : {})}
        />
        <button type="button" aria-label="Dismiss" onClick={() => setDismissed(failed.id)}>
          ×
        </button>
      </div>
    )
  if (!isBehind && unplaced <= 0) return null
  return (
    <div className="map-strip" role="status">
      <span>
        {isBehind
          ? `${describeGap(space)}, so they are not on the map as they are now.`
          : `${unplaced.toLocaleString('en')} ${space.of} are not on the map yet.`}
        {isBehind && !canEmbed && ' Import the vectors again to bring them in.'}
      </span>
      {(canEmbed || !isBehind) && (
        <button type="button" onClick={() => mend(methodOf(method))}>
          {isBehind ? 'Embed and place them' : 'Place them'}
        </button>
      )}
    </div>
  )
}

/** The map that a job was to make. */
function methodOfJob({ input }: Job, other: string): Method {
  return methodOf((input as { method?: string } | null)?.method ?? other)
}
