import { useMemo } from 'react'
import { missingColour, noCode, rampCodes, type Colouring } from './colouring.ts'
import { makeRamp } from './ramp.ts'

interface LegendProps {
  field: string
  type: string
  unit: string | null
  colouring: Colouring
  /** Points of the query by code. */
  counts: Uint32Array
  colourOf: (name: string, index: number) => string
  hidden: ReadonlySet<number>
  onHide: (hidden: ReadonlySet<number>) => void
}

/** What the colours stand for. A click hides what has a name, and shows it again. */
export function Legend(props: LegendProps) {
  const { field, unit, colouring, counts, hidden, onHide } = props
  const title = unit === null ? field : `${field} (${unit})`
  return (
    <section className="map-legend" aria-label={`Colours of ${field}`}>
      <header>
        <strong title={title}>{title}</strong>
        {hidden.size > 0 && (
          <button type="button" onClick={() => onHide(new Set())}>
            Show all
          </button>
        )}
      </header>
      {colouring.names === null ? <RampLegend {...props} /> : <NameLegend {...props} names={colouring.names} />}
      {counts[noCode]! > 0 && (
        <Entry
          {...props}
          code={noCode}
          name={colouring.names?.length === 200 ? 'no value, or a rare one' : 'no value'}
          colour={missingColour}
          isNamed={false}
        />
      )}
    </section>
  )
}

function NameLegend({ names, ...props }: LegendProps & { names: readonly string[] }) {
  const { counts, hidden } = props
  if (names.length === 0) return <p className="map-quiet">No sample has a value.</p>
  return (
    <ul>
      {names.map(
        (name, code) =>
          (counts[code]! > 0 || hidden.has(code) || names.length <= 30) && (
            <li key={code}>
              <Entry {...props} code={code} name={name} colour={props.colourOf(name, code)} isNamed />
            </li>
          ),
      )}
    </ul>
  )
}

function Entry(props: LegendProps & { code: number; name: string; colour: string; isNamed: boolean }) {
  const { code, name, colour, counts, hidden, onHide, colouring } = props
  const isShown = !hidden.has(code)
  const toggle = (): void => {
    const next = new Set(hidden)
    if (!next.delete(code)) next.add(code)
    onHide(next)
  }
  /** This one alone, or all again when it was alone. */
  const isolate = (): void => {
    const others = [...(colouring.names ?? []).keys(), noCode].filter((other) => other !== code)
    const isAlone = isShown && others.every((other) => hidden.has(other))
    onHide(new Set(isAlone ? [] : others))
  }
  return (
    <button
      type="button"
      className="map-entry"
      aria-pressed={isShown}
      title={`${name}\nClick to ${isShown ? 'hide' : 'show'}${props.isNamed ? ', Shift+click to see it alone' : ''}`}
      onClick={(event) => (event.shiftKey && props.isNamed ? isolate() : toggle())}
    >
      <span className="map-swatch" style={{ background: colour }} />
      <span className={props.isNamed ? 'map-entry-name' : 'map-entry-name map-quiet'}>{name}</span>
      <span className="map-count">{counts[code]!.toLocaleString('en')}</span>
    </button>
  )
}

const bars = 51

function RampLegend({ type, colouring, counts }: LegendProps) {
  const heights = useMemo(() => {
    const sums = Array.from({ length: bars }, () => 0)
    for (let code = 0; code < rampCodes; code++) sums[Math.floor((code * bars) / rampCodes)]! += counts[code]!
    const most = Math.max(1, ...sums)
    return sums.map((sum) => sum / most)
  }, [counts])
  const ramp = useMemo(() => makeRamp(bars), [])
  const { range } = colouring
  if (range === null || counts.subarray(0, rampCodes).every((count) => count === 0))
    return <p className="map-quiet">No sample here has a value.</p>
  const low = formatValue(range.low, type)
  const high = formatValue(range.high, type)
  return (
    <figure className="map-ramp">
      <svg viewBox={`0 0 ${bars} 24`} preserveAspectRatio="none" role="img" aria-label={`From ${low} to ${high}`}>
        {ramp.map((colour, i) => (
          <g key={i} fill={colour}>
            <rect x={i} y={18 - 17 * heights[i]!} width={0.85} height={17 * heights[i]!} />
            <rect x={i} y={19} width={1.02} height={5} />
          </g>
        ))}
      </svg>
      <figcaption>
        <span>
          {range.isCut && '≤ '}
          {low}
        </span>
        <span>
          {range.isCut && '≥ '}
          {high}
        </span>
      </figcaption>
    </figure>
  )
}

/** A number as the legend writes it; dates are seconds since 1970, in UTC. */
export function formatValue(value: number, type: string): string {
  if (type !== 'datetime') return value.toLocaleString('en', { maximumSignificantDigits: 3 })
  const date = new Date(value * 1000)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 16).replace('T', ' ')
}
