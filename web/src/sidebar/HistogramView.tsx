import { useEffect, useMemo, useRef, useState, type PointerEvent } from 'react'
import { readRange, writeRange } from './conditions.ts'
import { createLiveQuery } from './live.ts'
import { boundsOf, countSteps, readBound, showValue, spreadBins, type Axis, type Brush } from './scale.ts'
import type { Histogram } from './stats-batch.ts'

interface HistogramViewProps {
  field: string
  query: string
  axis: Axis
  whole: Histogram
  /** Under the query; undefined while not known. */
  now: Pick<Histogram, 'bins' | 'count'> | undefined
}

const bars = 40
const clickPx = 3

/** Numbers of a field in bars, the whole dataset's faintly behind. A drag over it, or its two sliders, narrow the query. */
export function HistogramView({ field, query, axis, whole, now }: HistogramViewProps) {
  const live = useMemo(createLiveQuery, [])
  useEffect(() => () => live.close(), [live])
  const box = useRef<HTMLDivElement>(null)
  const drag = useRef<{ from: number; x: number; kept: Brush | null } | null>(null)
  const [dragged, setDragged] = useState<Brush | null>(null)
  const range = readRange(query, field)
  const asked: Brush = {
    low: Math.max(axis.low, readBound(range.low, axis) ?? axis.low),
    high: Math.min(axis.high, readBound(range.high, axis) ?? axis.high),
  }
  const isSet = range.low !== undefined || range.high !== undefined
  const brush = dragged ?? (isSet ? asked : null)
  const span = axis.high - axis.low
  const steps = countSteps(axis)
  const share = (value: number): number => (span === 0 ? 0 : Math.min(1, Math.max(0, (value - axis.low) / span)))

  const write = (next: Brush): void => live.move((text) => writeRange(text, field, boundsOf(next, axis)))
  const valueAt = (event: PointerEvent): number => {
    const { left, width } = box.current!.getBoundingClientRect()
    return axis.low + span * Math.min(1, Math.max(0, (event.clientX - left) / width))
  }
  const onDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const from = valueAt(event)
    // Inside of what is brushed already, the brush is moved.
    const isInside = isSet && from > asked.low && from < asked.high
    drag.current = { from, x: event.clientX, kept: isInside ? asked : null }
    live.begin()
  }
  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    const held = drag.current
    if (held === null || (dragged === null && Math.abs(event.clientX - held.x) < clickPx)) return
    const value = valueAt(event)
    const next = held.kept === null ? between(held.from, value) : moved(held.kept, value - held.from, axis)
    setDragged(next)
    write(next)
  }
  const onUp = (): void => {
    if (drag.current === null) return
    drag.current = null
    live.end()
    setDragged(null)
  }
  const clear = (): void => {
    live.begin()
    live.move((text) => writeRange(text, field, {}))
    live.end()
  }
  const slide = (end: keyof Brush, step: number): void => {
    const value = axis.low + (span * step) / steps
    const kept = dragged ?? asked
    const next =
      end === 'low' ? { ...kept, low: Math.min(value, kept.high) } : { ...kept, high: Math.max(value, kept.low) }
    setDragged(next)
    write(next)
  }
  const rest = (): void => {
    live.flush()
    setDragged(null)
  }
  return (
    <div className="sidebar-histogram">
      <div
        ref={box}
        className="sidebar-plot"
        title="Drag to narrow; double-click to clear"
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onUp}
        onDoubleClick={clear}
      >
        <Bars field={field} axis={axis} whole={whole} now={now} />
        {brush !== null && (
          <div
            className="sidebar-brush"
            style={{ left: `${share(brush.low) * 100}%`, right: `${(1 - share(brush.high)) * 100}%` }}
          />
        )}
      </div>
      <div className="sidebar-sliders">
        {(['low', 'high'] as const).map((end) => (
          <input
            key={end}
            type="range"
            min={0}
            max={steps}
            step={1}
            value={Math.round(share((brush ?? asked)[end]) * steps)}
            aria-label={`${field}, ${end === 'low' ? 'from' : 'to'}`}
            aria-valuetext={showValue((brush ?? asked)[end], axis)}
            onPointerDown={live.begin}
            onPointerUp={() => {
              live.end()
              setDragged(null)
            }}
            onKeyUp={rest}
            onBlur={rest}
            onChange={(event) => slide(end, Number(event.target.value))}
          />
        ))}
      </div>
      <div className="sidebar-axis">
        <span>{showValue(axis.low, axis)}</span>
        {brush !== null && (
          <span className="sidebar-range">
            {showValue(brush.low, axis)} – {showValue(brush.high, axis)}
            <button type="button" aria-label={`Clear the range of ${field}`} title="Clear" onClick={clear}>
              ×
            </button>
          </span>
        )}
        <span>{showValue(axis.high, axis)}</span>
      </div>
    </div>
  )
}

function Bars({ field, axis, whole, now }: Pick<HistogramViewProps, 'field' | 'axis' | 'whole' | 'now'>) {
  const behind = useMemo(() => drawBars(spreadBins(whole, axis, bars)), [whole, axis])
  const front = useMemo(() => (now === undefined ? '' : drawBars(spreadBins(now, axis, bars))), [now, axis])
  const mean = whole.mean === null ? '' : `, mean ${showValue(whole.mean, axis)}`
  const narrowed = now === undefined ? '' : `; ${now.count.toLocaleString('en')} under the query`
  const said = `${field}: ${whole.count.toLocaleString('en')} values from ${showValue(axis.low, axis)} to ${showValue(axis.high, axis)}${mean}${narrowed}`
  return (
    <svg viewBox={`0 0 ${bars} 1`} preserveAspectRatio="none" role="img" aria-label={said}>
      <path className="sidebar-behind" d={behind} />
      <path className="sidebar-front" d={front} />
    </svg>
  )
}

/** One path for all bars, the highest of height 1; whatever is not empty can be seen. */
function drawBars(counts: Float64Array): string {
  const highest = counts.reduce((a, b) => Math.max(a, b), 0)
  if (highest === 0) return ''
  let path = ''
  counts.forEach((count, i) => {
    if (count <= 0) return
    const height = Math.max(0.03, count / highest)
    path += `M${i + 0.06} 1V${(1 - height).toFixed(3)}H${i + 0.94}V1Z`
  })
  return path
}

const between = (a: number, b: number): Brush => ({ low: Math.min(a, b), high: Math.max(a, b) })

function moved({ low, high }: Brush, by: number, axis: Axis): Brush {
  const shift = Math.min(axis.high - high, Math.max(axis.low - low, by))
  return { low: low + shift, high: high + shift }
}
