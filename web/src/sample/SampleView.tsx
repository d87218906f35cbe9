import { useCallback, useMemo, useState } from 'react'
import type { ApiError } from '../api/client.ts'
import { paletteColour, useClassColours } from '../labels/colours.ts'
import type { PlacedLabel } from '../labels/draw.ts'
import { undo } from '../shell/changes.ts'
import { useCommands } from '../shell/keys.ts'
import { toggleSelected, useSelection } from '../shell/selection.ts'
import { setView, useView, type View } from '../shell/view.ts'
import { createCamera } from './camera.ts'
import { CopyButton } from './CopyButton.tsx'
import { useDialog } from './dialog.ts'
import { Panel } from './Panel.tsx'
import { useShown, useTravel, type Shown, type Travel } from './sample-data.ts'
import { makeCommands } from './sample-commands.ts'
import { setSettings, useSettings } from './settings.ts'
import { Viewer } from './Viewer.tsx'
import './sample.css'

/** The open sample over the page: its picture with labels, and all that is known of it. */
export function SampleView() {
  const view = useView()
  return view.sample === null ? null : <OpenSample id={view.sample} view={view} />
}

const close = (): void => setView({ sample: null })

function OpenSample({ id, view }: { id: number; view: View }) {
  const [camera] = useState(createCamera)
  const { shown, error } = useShown(id)
  const travel = useTravel(view.dataset, view.query, id, shown !== null || error !== null)
  const settings = useSettings()
  const colourOfClass = useClassColours(view.dataset)
  const [marked, setMarked] = useState<{ id: number; picked: string | null; hovered: string | null }>({
    id,
    picked: null,
    hovered: null,
  })
  const { picked, hovered } = marked.id === id ? marked : { picked: null, hovered: null }
  const mark = (change: { picked?: string | null; hovered?: string | null }): void =>
    setMarked((old) => ({ ...(old.id === id ? old : { picked: null, hovered: null }), id, ...change }))
  const stressed = useMemo(
    () => new Set([picked, hovered].filter((name): name is string => name !== null)),
    [picked, hovered],
  )

  const commands = useMemo(() => makeCommands(id, camera, travel, close), [id, camera, travel])
  useCommands(commands)
  const { ref, onKeyDown } = useDialog(commands)

  const names = useMemo(() => shown?.layers.map(({ layer }) => layer) ?? [], [shown])
  const colourOfLayer = useCallback((layer: string) => paletteColour(names.indexOf(layer)), [names])
  const colourOf = (layer: string, name: string | null): string =>
    settings.colourBy === 'layer' ? colourOfLayer(layer) : colourOfClass(name)
  const pick = (label: string | null): void => {
    mark({ picked: label })
    if (label !== null) setSettings({ section: 'labels', showsPanel: true })
  }
  const show = (label: PlacedLabel): void => {
    mark({ picked: label.id })
    if (label.box !== null) camera.showPart(label.box)
  }

  return (
    <div
      ref={ref}
      className="sample-view"
      role="dialog"
      aria-modal="true"
      aria-label={`Sample s_${id}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <Heading id={id} shown={shown} travel={travel} showsPanel={settings.showsPanel} />
      {error !== null ? (
        <Gone id={id} dataset={view.dataset} error={error} travel={travel} />
      ) : (
        <div className="sample-body">
          <Viewer
            id={id}
            shown={shown}
            view={view}
            camera={camera}
            colourOfClass={colourOfClass}
            colourOfLayer={colourOfLayer}
            stressed={stressed}
            onHover={(hovering) => mark({ hovered: hovering })}
            onPick={pick}
          />
          {settings.showsPanel && (
            <Panel
              id={id}
              shown={shown}
              space={view.space}
              minScore={settings.minScore}
              picked={picked}
              hovered={hovered}
              colourOf={colourOf}
              onHover={(hovering) => mark({ hovered: hovering })}
              onPick={pick}
              onShow={show}
            />
          )}
        </div>
      )}
    </div>
  )
}

interface HeadingProps {
  id: number
  shown: Shown | null
  travel: Travel
  showsPanel: boolean
}

function Heading({ id, shown, travel, showsPanel }: HeadingProps) {
  const { ids } = useSelection()
  const { at, total, go, canGo } = travel
  const place =
    at < 0
      ? `not in the query (${total.toLocaleString('en')})`
      : `${(at + 1).toLocaleString('en')} / ${total.toLocaleString('en')}`
  return (
    <div className="sample-heading">
      <button
        type="button"
        aria-label="Previous sample"
        title="Previous (←)"
        disabled={!canGo.back}
        onClick={() => go(-1)}
      >
        ←
      </button>
      <span className="sample-position" aria-live="polite">
        {place}
      </span>
      <button type="button" aria-label="Next sample" title="Next (→)" disabled={!canGo.on} onClick={() => go(1)}>
        →
      </button>
      <h1 title={shown?.sample.path}>{shown?.sample.path ?? `s_${id}`}</h1>
      {shown !== null && (
        <>
          <span className="hint sample-size">
            s_{id} · {shown.sample.width} × {shown.sample.height}
          </span>
          <CopyButton text={shown.sample.path} what="the path" />
        </>
      )}
      <span className="spring" />
      <button
        type="button"
        aria-pressed={ids.has(id)}
        title="Select or leave out (X)"
        onClick={() => toggleSelected(id)}
      >
        {ids.has(id) ? 'Selected' : 'Select'}
      </button>
      <button
        type="button"
        aria-pressed={showsPanel}
        title="Show or hide what is known (P)"
        onClick={() => setSettings({ showsPanel: !showsPanel })}
      >
        Panel
      </button>
      <button type="button" aria-label="Close" title="Close (Esc)" onClick={close}>
        ×
      </button>
    </div>
  )
}

interface GoneProps {
  id: number
  dataset: string | null
  error: ApiError
  travel: Travel
}

function Gone({ id, dataset, error, travel }: GoneProps) {
  const isGone = error.code === 'SAMPLE_NOT_FOUND'
  return (
    <div className="sample-gone" role="alert">
      <h2>{isGone ? `s_${id} is not there any more` : 'The sample cannot be shown'}</h2>
      <p>
        {isGone
          ? 'It was removed, or its dataset was. Its file, if it is still on the disk, was not touched.'
          : error.message}
      </p>
      {!isGone && error.hint !== undefined && <p className="hint">{error.hint}</p>}
      <div className="sample-problem-ways">
        {isGone && (
          <button type="button" onClick={() => void undo(undefined, dataset ?? undefined)}>
            Undo the last change
          </button>
        )}
        <button type="button" disabled={!travel.canGo.on} onClick={() => travel.go(1)}>
          Next sample
        </button>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </div>
  )
}
