import { useCall, useFrame } from '../shell/data.ts'
import { setView, useView } from '../shell/view.ts'
import { BoxPlots } from './BoxPlots.tsx'
import { ClassBalance, ClassPairs } from './ClassPlots.tsx'
import { FieldPair, PictureSizes } from './FieldPlots.tsx'
import './stats.css'

/** What the query finds, in numbers. Every bar and cell leads to the samples it stands for. */
export function StatsView() {
  const { dataset, query } = useView()
  const frame = useFrame(dataset, query)
  const fields = useCall('field.list', dataset === null ? {} : { dataset }, { enabled: dataset !== null })
  if (dataset === null) return null
  if (frame.error !== null && frame.data === undefined)
    return (
      <div className="empty" role="alert">
        <h1>{frame.error.message}</h1>
        <p>{frame.error.hint}</p>
      </div>
    )
  if (frame.data?.ids.length === 0 && !frame.isPlaceholderData)
    return (
      <div className="empty">
        <h1>No sample fits the query</h1>
        {query.trim() === '' ? (
          <p>The dataset is empty. Import something into it.</p>
        ) : (
          <button type="button" onClick={() => setView({ query: '' })}>
            Show all samples
          </button>
        )}
      </div>
    )
  const ids = frame.isPlaceholderData ? undefined : frame.data?.ids
  const shared = { dataset, ids, fields: fields.data?.fields ?? [] }
  return (
    <div className="stats-view">
      <ClassBalance dataset={dataset} query={query} />
      <ClassPairs dataset={dataset} query={query} />
      <PictureSizes {...shared} />
      <BoxPlots dataset={dataset} query={query} ids={ids} />
      <FieldPair {...shared} />
    </div>
  )
}
