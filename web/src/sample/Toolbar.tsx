import { useStore } from '../shell/store.ts'
import { setView } from '../shell/view.ts'
import { isNeutral, neutral, type Adjustment } from './adjust.ts'
import type { Camera } from './camera.ts'
import { setSettings, useSettings } from './settings.ts'
import { trimNumber } from './values.ts'

interface ToolbarProps {
  camera: Camera
  layers: readonly string[]
  /** Names of the layers that are drawn; null for all. */
  chosen: readonly string[] | null
  overlays: boolean
  hasScores: boolean
  colourOfLayer: (layer: string) => string
}

/** Zoom, look of the picture, and which labels are drawn how. */
export function Toolbar({ camera, layers, chosen, overlays, hasScores, colourOfLayer }: ToolbarProps) {
  const settings = useSettings()
  const { adjustment, compare, opacity, minScore, names, colourBy, showsAdjustments } = settings
  const toggleLayer = (layer: string): void => {
    const now = chosen ?? layers
    const next = now.includes(layer) ? now.filter((name) => name !== layer) : [...now, layer]
    setView({ layers: layers.every((name) => next.includes(name)) ? null : next })
  }
  return (
    <div className="sample-tools" role="toolbar" aria-label="Picture and labels">
      <div className="sample-tool-group">
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => camera.step(-1)}>
          −
        </button>
        <Zoom camera={camera} />
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => camera.step(1)}>
          +
        </button>
        <button type="button" title="Fit the stage (0)" onClick={() => camera.fit()}>
          Fit
        </button>
        <button
          type="button"
          aria-expanded={showsAdjustments}
          title="Brightness, contrast, gamma and channels"
          onClick={() => setSettings({ showsAdjustments: !showsAdjustments })}
        >
          Adjust{isNeutral(adjustment) ? '' : ' •'}
        </button>
      </div>
      <div className="sample-tool-group">
        <button
          type="button"
          aria-pressed={overlays}
          title="Show or hide labels (L)"
          onClick={() => setView({ overlays: !overlays })}
        >
          Labels
        </button>
        {overlays && (
          <>
            {(compare ? [] : layers).map((layer) => (
              <button
                key={layer}
                type="button"
                className="sample-layer"
                aria-pressed={chosen === null || chosen.includes(layer)}
                title={`Draw the layer ${layer}`}
                onClick={() => toggleLayer(layer)}
              >
                <span
                  className={`sample-line${layer === 'truth' ? '' : ' dashed'}`}
                  style={{ borderColor: colourBy === 'layer' ? colourOfLayer(layer) : 'currentColor' }}
                />
                {layer}
              </button>
            ))}
            <Slider
              name="Opacity"
              value={opacity}
              min={0}
              max={1}
              step={0.05}
              onChange={(value) => setSettings({ opacity: value })}
            />
            {hasScores && (
              <Slider
                name="Score ≥"
                value={minScore}
                min={0}
                max={1}
                step={0.01}
                onChange={(value) => setSettings({ minScore: value })}
              />
            )}
            <button type="button" aria-pressed={names} onClick={() => setSettings({ names: !names })}>
              Names
            </button>
            {layers.length > 1 && (
              <>
                <button
                  type="button"
                  aria-pressed={colourBy === 'layer'}
                  title="Colour labels by their layer instead of their class"
                  onClick={() => setSettings({ colourBy: colourBy === 'layer' ? 'class' : 'layer' })}
                >
                  Colour by layer
                </button>
                <button
                  type="button"
                  aria-pressed={compare}
                  title="Two layers side by side (C)"
                  onClick={() => setSettings({ compare: !compare })}
                >
                  Side by side
                </button>
              </>
            )}
          </>
        )}
      </div>
      {showsAdjustments && <Adjustments adjustment={adjustment} />}
    </div>
  )
}

function Zoom({ camera }: { camera: Camera }) {
  const { place } = useStore(camera.store)
  return (
    <button
      type="button"
      className="sample-zoom"
      aria-label={`Zoom is ${trimNumber(place.scale * 100, 3)} %; show one to one`}
      title="One to one (1)"
      onClick={() => camera.zoomTo(1)}
    >
      {trimNumber(place.scale * 100, 3)} %
    </button>
  )
}

const channels: [Adjustment['channel'], string][] = [
  ['rgb', 'RGB'],
  ['r', 'R'],
  ['g', 'G'],
  ['b', 'B'],
]

function Adjustments({ adjustment }: { adjustment: Adjustment }) {
  const adjust = (change: Partial<Adjustment>): void => setSettings({ adjustment: { ...adjustment, ...change } })
  return (
    <div className="sample-tool-group sample-adjust" role="group" aria-label="Look of the picture">
      <Slider
        name="Brightness"
        value={adjustment.brightness}
        min={0}
        max={3}
        step={0.05}
        onChange={(brightness) => adjust({ brightness })}
      />
      <Slider
        name="Contrast"
        value={adjustment.contrast}
        min={0}
        max={4}
        step={0.05}
        onChange={(contrast) => adjust({ contrast })}
      />
      <Slider
        name="Gamma"
        value={adjustment.gamma}
        min={0.2}
        max={5}
        step={0.05}
        onChange={(gamma) => adjust({ gamma })}
      />
      <span className="sample-channels" role="group" aria-label="Channel">
        {channels.map(([channel, title]) => (
          <button
            key={channel}
            type="button"
            aria-pressed={adjustment.channel === channel}
            onClick={() => adjust({ channel })}
          >
            {title}
          </button>
        ))}
      </span>
      <button
        type="button"
        aria-pressed={adjustment.invert}
        title="Invert (I)"
        onClick={() => adjust({ invert: !adjustment.invert })}
      >
        Invert
      </button>
      <button
        type="button"
        title="Back to the picture as it is (R)"
        disabled={isNeutral(adjustment)}
        onClick={() => setSettings({ adjustment: neutral })}
      >
        Reset
      </button>
    </div>
  )
}

interface SliderProps {
  name: string
  value: number
  min: number
  max: number
  step: number
  onChange: (value: number) => void
}

function Slider({ name, value, min, max, step, onChange }: SliderProps) {
  return (
    <label className="sample-slider">
      {name}
      <input
        type="range"
        value={value}
        min={min}
        max={max}
        step={step}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output>{value.toFixed(2)}</output>
    </label>
  )
}
