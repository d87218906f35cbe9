import { useCallback, useLayoutEffect, useMemo } from 'react'
import { mediaUrl } from '../api/client.ts'
import type { LabelLayer } from '../labels/draw.ts'
import type { View } from '../shell/view.ts'
import type { Camera } from './camera.ts'
import { Minimap } from './Minimap.tsx'
import { usePictures } from './pictures.ts'
import { filterOf, PictureFilter } from './PictureFilter.tsx'
import { PictureProblem } from './PictureProblem.tsx'
import { factsOf, keyOf, type Shown } from './sample-data.ts'
import { setSettings, useSettings } from './settings.ts'
import { judgeFile } from './showable.ts'
import { Stage } from './Stage.tsx'
import { Toolbar } from './Toolbar.tsx'

interface ViewerProps {
  id: number
  shown: Shown | null
  view: View
  camera: Camera
  colourOfClass: (name: string | null) => string
  colourOfLayer: (layer: string) => string
  stressed: ReadonlySet<string>
  onHover: (id: string | null) => void
  onPick: (id: string | null) => void
}

const noLayers: readonly LabelLayer[] = []

/** The picture on its stage, or on two side by side, with the tools that belong to it. */
export function Viewer(props: ViewerProps) {
  const { id, shown, view, camera, colourOfClass, colourOfLayer, stressed, onHover, onPick } = props
  const settings = useSettings()
  const { adjustment, colourBy, opacity, minScore, names } = settings
  const { thumb, whole, retry } = usePictures(id, shown === null ? null : keyOf(id, shown))
  const image = whole?.kind === 'ready' ? whole.image : thumb?.kind === 'ready' ? thumb.image : null
  const isThumb = whole?.kind !== 'ready'
  // Before the sample is known its thumbnail has the right shape.
  const width = shown?.sample.width ?? image?.width
  const height = shown?.sample.height ?? image?.height
  useLayoutEffect(() => {
    if (width !== undefined && height !== undefined) camera.setPicture({ w: width, h: height })
  }, [camera, width, height])

  const layers: readonly LabelLayer[] = shown?.layers ?? noLayers
  const layerNames = useMemo(() => layers.map(({ layer }) => layer), [layers])
  const hasScores = useMemo(() => layers.some(({ labels }) => labels.some(({ score }) => score !== null)), [layers])
  const { compare, left, right } = settings
  const sides = useMemo(
    () => (compare && view.overlays && layerNames.length > 1 ? chooseSides(layerNames, left, right) : null),
    [compare, left, right, view.overlays, layerNames],
  )
  const stages = useMemo(
    () =>
      (sides?.map((side) => [side]) ?? [view.layers]).map((chosen) => ({
        layers: chosen,
        opacity,
        minScore,
        ...(names ? { namesPx: 11 } : {}),
      })),
    [sides, view.layers, opacity, minScore, names],
  )
  const colourOf = useCallback(
    (layer: string, name: string | null) => (colourBy === 'layer' ? colourOfLayer(layer) : colourOfClass(name)),
    [colourBy, colourOfLayer, colourOfClass],
  )
  const failure = whole?.kind === 'failed' ? whole : thumb?.kind === 'failed' && image === null ? thumb : null
  const note = shown === null ? null : judgeFile(factsOf(shown)).note

  return (
    <div className="sample-viewer">
      <Toolbar
        camera={camera}
        layers={layerNames}
        chosen={view.layers}
        overlays={view.overlays}
        hasScores={hasScores}
        colourOfLayer={colourOfLayer}
      />
      {sides !== null && (
        <div className="sample-sides">
          {(['left', 'right'] as const).map((side, i) => (
            <label key={side}>
              <span className="visually-hidden">Layer on the {side}</span>
              <select value={sides[i]} onChange={(event) => setSettings({ [side]: event.target.value })}>
                {layerNames.map((layer) => (
                  <option key={layer}>{layer}</option>
                ))}
              </select>
            </label>
          ))}
        </div>
      )}
      <div className="sample-stages">
        {stages.map((options, side) => (
          <Stage
            key={side}
            camera={camera}
            image={image}
            reduced={whole?.kind === 'ready' ? whole.reduced : null}
            isThumb={isThumb}
            layers={view.overlays ? layers : noLayers}
            options={options}
            colourBy={colourBy}
            colourOf={colourOf}
            stressed={stressed}
            filter={filterOf(adjustment)}
            description={describePicture(id, shown)}
            onHover={onHover}
            onPick={onPick}
          />
        ))}
        <PictureFilter adjustment={adjustment} />
        <Minimap camera={camera} id={id} />
        {failure !== null && (
          <PictureProblem id={id} shown={shown} failure={failure} hasThumb={image !== null} retry={retry} />
        )}
        {failure === null && image === null && <div className="sample-waiting">Loading the picture…</div>}
        {failure === null && image !== null && isThumb && note === null && (
          <div className="sample-coming">Thumbnail; the whole picture is on its way…</div>
        )}
      </div>
      {note !== null && (
        <div className="sample-note" role="status">
          {note}
          <a href={mediaUrl(id)} download={fileName(shown)}>
            Download the file
          </a>
        </div>
      )}
    </div>
  )
}

/** The layers to compare: those that were chosen where they are there, else truth and the first other one. */
function chooseSides(layers: readonly string[], left: string | null, right: string | null): [string, string] {
  const known = (name: string | null): string | undefined => layers.find((layer) => layer === name)
  const first = known(left) ?? known('truth') ?? layers[0]!
  return [first, known(right) ?? layers.find((layer) => layer !== first) ?? first]
}

const fileName = (shown: Shown | null): string => shown?.sample.path.split('/').at(-1) ?? 'picture'

function describePicture(id: number, shown: Shown | null): string {
  if (shown === null) return `Picture of s_${id}`
  const labels = shown.layers.reduce((sum, layer) => sum + layer.labels.length, 0)
  return `${shown.sample.path}, ${shown.sample.width} by ${shown.sample.height} pixels, ${labels} labels`
}
