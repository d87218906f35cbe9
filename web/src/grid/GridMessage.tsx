import type { ApiError } from '../api/client.ts'
import { setView, type View } from '../shell/view.ts'

interface MessageProps {
  view: View
  failure: ApiError | null
  isLoading: boolean
  onRetry: () => void
}

/** What stands in place of tiles when there are none, and what to do about it. */
export function GridMessage({ view, failure, isLoading, onRetry }: MessageProps) {
  if (failure !== null)
    return (
      <div className="empty" role="alert">
        <h1>The samples cannot be shown</h1>
        <p className="problem">{failure.message}</p>
        {failure.hint !== undefined && <p>{failure.hint}</p>}
        <div className="grid-choices">
          <button type="button" onClick={onRetry}>
            Try again
          </button>
          <ShowAll view={view} />
        </div>
      </div>
    )
  if (isLoading)
    return (
      <div className="loading" role="status">
        {view.tiles === 'objects' ? 'Collecting objects…' : 'Loading samples…'}
      </div>
    )
  if (view.tiles === 'objects')
    return (
      <div className="empty">
        <h1>No objects in these samples</h1>
        <p>Boxes, polygons, masks, polylines and keypoints are objects; whole-image classes are not.</p>
        <div className="grid-choices">
          <button type="button" onClick={() => setView({ tiles: 'samples' })}>
            Show samples
          </button>
          <ShowAll view={view} />
        </div>
      </div>
    )
  if (view.query !== '')
    return (
      <div className="empty">
        <h1>No sample matches</h1>
        <p>
          Nothing in {view.dataset} fits <code>{view.query}</code>
        </p>
        <div className="grid-choices">
          <ShowAll view={view} />
        </div>
      </div>
    )
  return (
    <div className="empty">
      <h1>No samples yet</h1>
      <p>
        Fill this dataset from a folder of images: <code>fovea import FOLDER --dataset {view.dataset}</code>
      </p>
    </div>
  )
}

function ShowAll({ view }: { view: View }) {
  if (view.query === '') return null
  return (
    <button type="button" onClick={() => setView({ query: '' })}>
      Show all samples
    </button>
  )
}
