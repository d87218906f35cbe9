import { useCall } from '../shell/data.ts'
import { setView, type View } from '../shell/view.ts'
import { readOrder, writeOrder } from './order.ts'
import { zoomRange } from './use-zoom.ts'

interface ToolbarProps {
  view: View
  zoomPx: number
  onZoom: (zoomPx: number) => void
  samples: number | null
  objects: number | null
  selected: number
  note: string | null
}

/** Fields that differ for nearly every sample part nothing. */
const telling = new Set(['id', 'path', 'source', 'md5', 'sha256', 'phash', 'note', 'bytes'])

/** How many there are and how they are shown. */
export function Toolbar({ view, zoomPx, onZoom, samples, objects, selected, note }: ToolbarProps) {
  const fields = useCall('field.list', { dataset: view.dataset ?? undefined }).data?.fields ?? []
  const order = readOrder(view.query)
  const setOrder = (by: string, isDescending: boolean): void =>
    setView({ query: writeOrder(view.query, by === '' ? null : { by, isDescending }) })
  const orders = ['objects', 'labels.count', ...fields.map(({ name }) => name)]
  const groups = ['class', ...fields.flatMap(({ name }) => (telling.has(name) ? [] : [name]))]
  return (
    <div className="grid-toolbar">
      <span className="grid-count" role="status">
        {samples === null ? '…' : countOf(samples, 'sample')}
        {objects !== null && `, ${countOf(objects, 'object')}`}
        {selected > 0 && <strong>{selected.toLocaleString('en')} selected</strong>}
      </span>
      {note !== null && <span className="grid-note">{note}</span>}
      <span className="spring" />
      <label className="grid-option">
        Group
        <select
          value={view.group ?? ''}
          onChange={(event) => setView({ group: event.target.value === '' ? null : event.target.value })}
        >
          <option value="">none</option>
          {withOwn(groups, view.group).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="grid-option">
        Sort
        <select
          value={order?.by ?? ''}
          onChange={(event) => setOrder(event.target.value, order?.isDescending ?? false)}
        >
          <option value="">by id</option>
          {withOwn(orders, order?.by ?? null).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {order !== null && (
        <button
          type="button"
          aria-label={order.isDescending ? 'Largest first; sort smallest first' : 'Smallest first; sort largest first'}
          title={order.isDescending ? 'Largest first' : 'Smallest first'}
          onClick={() => setOrder(order.by, !order.isDescending)}
        >
          {order.isDescending ? '↓' : '↑'}
        </button>
      )}
      <span className="grid-pair" role="group" aria-label="Tiles">
        <Choice isOn={view.tiles === 'samples'} label="Samples" onChoose={() => setView({ tiles: 'samples' })} />
        <Choice isOn={view.tiles === 'objects'} label="Objects" onChoose={() => setView({ tiles: 'objects' })} />
      </span>
      <span className="grid-pair" role="group" aria-label="Layout">
        <Choice isOn={view.layout === 'justified'} label="Rows" onChoose={() => setView({ layout: 'justified' })} />
        <Choice isOn={view.layout === 'square'} label="Squares" onChoose={() => setView({ layout: 'square' })} />
      </span>
      <button
        type="button"
        aria-pressed={view.overlays}
        title="Labels on pictures (O)"
        onClick={() => setView({ overlays: !view.overlays })}
      >
        Labels
      </button>
      <label className="grid-option" title="Size of tiles (Ctrl and wheel, + and -)">
        <span className="visually-hidden">Size of tiles</span>
        <input
          type="range"
          className="grid-zoom"
          min={Math.log2(zoomRange.min)}
          max={Math.log2(zoomRange.max)}
          step={0.05}
          value={Math.log2(zoomPx)}
          aria-valuetext={`${Math.round(zoomPx)} px`}
          onChange={(event) => onZoom(2 ** Number(event.target.value))}
        />
      </label>
    </div>
  )
}

function Choice({ isOn, label, onChoose }: { isOn: boolean; label: string; onChoose: () => void }) {
  return (
    <button type="button" aria-pressed={isOn} onClick={onChoose}>
      {label}
    </button>
  )
}

/** What is chosen can be chosen, also where the list does not know it. */
const withOwn = (names: readonly string[], own: string | null): readonly string[] =>
  own === null || names.includes(own) ? names : [own, ...names]

const countOf = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
