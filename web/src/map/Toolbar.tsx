import type { Output } from '../api/client.ts'
import { setView, useView } from '../shell/view.ts'
import type { Space } from './map-data.ts'
import { embedAndMap, makeClusters, makeMap, type Method } from './map-jobs.ts'
import { setMapState, useMapState } from './map-state.ts'
import type { Scene } from './scene.ts'

type Field = Output<'field.list'>['fields'][number]

const methodTitles: Record<string, string> = { umap: 'UMAP', tsne: 't-SNE', pca: 'PCA' }
const first = ['class', 'split', 'cluster']

/** Which map, what colours it, and how it is looked at. */
export function Toolbar({
  dataset,
  spaces,
  space,
  method,
  fields,
  scene,
}: {
  dataset: string
  spaces: readonly Space[]
  space: Space
  method: string
  fields: readonly Field[]
  scene: Scene | null
}) {
  const { colour } = useView()
  const { tool, hasContours, hasNames } = useMapState()
  const known = new Set(['class', ...fields.map(({ name }) => name)])
  const hasClusters = known.has('cluster')
  const others = fields.filter(({ name }) => !first.includes(name))
  const isNumber = ({ type }: Field): boolean => type === 'number' || type === 'integer' || type === 'datetime'
  return (
    <div className="map-toolbar" role="toolbar" aria-label="Map">
      <label>
        Colour{' '}
        <select value={colour} onChange={(event) => setView({ colour: event.target.value })}>
          {!known.has(colour) && <option value={colour}>{colour} (not there)</option>}
          {first
            .filter((name) => known.has(name))
            .map((name) => (
              <option key={name}>{name}</option>
            ))}
          <optgroup label="Numbers and dates">
            {others.filter(isNumber).map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </optgroup>
          <optgroup label="Names">
            {others
              .filter((field) => !isNumber(field))
              .map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
          </optgroup>
        </select>
      </label>
      {spaces.length > 1 && (
        <label>
          Space{' '}
          <select
            value={space.name}
            onChange={(event) => {
              setMapState({ method: null })
              setView({ space: event.target.value })
            }}
          >
            {spaces.map(({ name, of, layer }) => (
              <option key={name} value={name}>
                {name}
                {of === 'labels' ? ` (labels of ${layer ?? 'truth'})` : ''}
              </option>
            ))}
          </select>
        </label>
      )}
      {space.maps.length > 1 && (
        <label>
          Map{' '}
          <select value={method} onChange={(event) => setMapState({ method: event.target.value })}>
            {space.maps.map((one) => (
              <option key={one} value={one}>
                {methodTitles[one] ?? one}
              </option>
            ))}
          </select>
        </label>
      )}
      <span className="map-group">
        <button
          type="button"
          aria-pressed={tool === 'move'}
          title="Drag moves the map (V)"
          onClick={() => setMapState({ tool: 'move' })}
        >
          Move
        </button>
        <button
          type="button"
          aria-pressed={tool === 'lasso'}
          title="Drag selects what it encloses, with Shift adds to the selection (L); Space and drag moves"
          onClick={() => setMapState({ tool: 'lasso' })}
        >
          Lasso
        </button>
      </span>
      <span className="map-group">
        <button
          type="button"
          aria-pressed={hasContours}
          title="Lines around the densest regions that hold 20, 40, 60, 80 and 95 % of the points of the query"
          onClick={() => setMapState({ hasContours: !hasContours })}
        >
          Contours
        </button>
        {hasClusters && (
          <button
            type="button"
            aria-pressed={hasNames}
            title="Names of the field cluster, in the middle of its points"
            onClick={() => setMapState({ hasNames: !hasNames })}
          >
            Names
          </button>
        )}
      </span>
      <span className="map-group">
        <button type="button" aria-label="Zoom out" title="Zoom out (-)" onClick={() => scene?.zoom(1 / 1.5)}>
          −
        </button>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => scene?.zoom(1.5)}>
          +
        </button>
        <button type="button" title="Show the whole map (F)" onClick={() => scene?.fit()}>
          Fit
        </button>
      </span>
      <details className="map-menu">
        <summary title="Other maps and groups">Make…</summary>
        <div
          onClick={(event) => {
            if (event.target instanceof HTMLButtonElement)
              event.currentTarget.closest('details')?.removeAttribute('open')
          }}
        >
          {(['umap', 'tsne', 'pca'] as Method[]).map((one) => (
            <button key={one} type="button" onClick={() => void makeMap(dataset, space.name, one)}>
              {space.maps.includes(one) ? `${methodTitles[one]} map, with what is new` : `${methodTitles[one]} map`}
            </button>
          ))}
          {space.of === 'samples' && (
            <button type="button" onClick={() => void makeClusters(dataset, space.name)}>
              {hasClusters ? 'Groups anew (field cluster)' : 'Groups with names (field cluster)'}
            </button>
          )}
          {space.model !== 'imported' && (
            <button type="button" onClick={() => void embedAndMap(dataset, space, methodOf(method))}>
              Vectors of what is new, then the map
            </button>
          )}
        </div>
      </details>
    </div>
  )
}

export function methodOf(text: string): Method {
  return text === 'tsne' || text === 'pca' ? text : 'umap'
}
