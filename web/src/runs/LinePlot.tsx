import { useState } from 'react'
import { paletteColour } from '../labels/colours.ts'
import { drawPath, makeScale, nearestPoint, placeOn, type Line } from './line-plot.ts'
import { showFigure } from './words.ts'

const size = { width: 420, height: 220 }
const frame = { left: 50, top: 8, width: size.width - 60, height: size.height - 40 }

interface LinePlotProps {
  title: string
  lines: readonly Line[]
  xTitle: string
  /** Number of each line's colour; its place where left out. */
  colours?: readonly number[]
  isLog?: boolean
  /** Both axes from 0 to 1. */
  isSquare?: boolean
  /** The line of equal values. */
  hasEqual?: boolean
  hasDots?: boolean
}

/** Lines over a common axis, with the values under the pointer; by keys, the arrows walk along. */
export function LinePlot({
  title,
  lines,
  xTitle,
  colours,
  isLog = false,
  isSquare = false,
  hasEqual = false,
  hasDots = false,
}: LinePlotProps) {
  const [at, setAt] = useState<number | null>(null)
  const square = isSquare ? [0, 1] : []
  const xScale = makeScale([...square, ...lines.flatMap(({ x }) => x)], false)
  const yScale = makeScale([...square, ...lines.flatMap(({ y }) => y)], isLog)
  const colourOf = (i: number): string => paletteColour(colours?.[i] ?? i)
  if (xScale === undefined || yScale === undefined)
    return (
      <figure className="runs-plot">
        <figcaption>{title}</figcaption>
        <p className="hint">{isLog ? 'No value above 0 to draw by its logarithm.' : 'No values yet.'}</p>
      </figure>
    )
  const xOf = (value: number): number => frame.left + placeOn(xScale, value) * frame.width
  const yOf = (value: number): number => frame.top + (1 - placeOn(yScale, value)) * frame.height
  const found = at === null ? [] : lines.map((line) => nearestPoint(line, at))
  const shown = lines.flatMap((line, i) =>
    found[i] === undefined || found[i] < 0 ? [] : [{ i, name: line.name, x: line.x[found[i]]!, y: line.y[found[i]]! }],
  )
  const walk = (key: string): number | null => {
    const steps = [...new Set(lines.flatMap(({ x }) => x))].toSorted((a, b) => a - b)
    const now = at === null ? -1 : nearestPoint({ name: '', x: steps, y: steps }, at)
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: steps.length - 1 }[key]
    return next === undefined ? null : (steps[Math.min(steps.length - 1, Math.max(0, next))] ?? null)
  }
  return (
    <figure className="runs-plot">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        tabIndex={0}
        aria-label={`${title} over ${xTitle}: ${lines.map(({ name, y }) => `${name} ends at ${showFigure(y.at(-1))}`).join('; ')}. Arrow keys show values.`}
        onPointerMove={({ currentTarget, clientX }) => {
          const box = currentTarget.getBoundingClientRect()
          const share = (((clientX - box.left) / box.width) * size.width - frame.left) / frame.width
          setAt(xScale.low + Math.min(1, Math.max(0, share)) * (xScale.high - xScale.low))
        }}
        onPointerLeave={() => setAt(null)}
        onBlur={() => setAt(null)}
        onKeyDown={(event) => {
          const next = walk(event.key)
          if (next === null) return
          event.preventDefault()
          event.stopPropagation()
          setAt(next)
        }}
      >
        {yScale.ticks.map((tick) => (
          <g key={tick}>
            <path className="runs-grid" d={`M${frame.left} ${yOf(tick)}h${frame.width}`} />
            <text x={frame.left - 6} y={yOf(tick) + 4} textAnchor="end">
              {showFigure(tick)}
            </text>
          </g>
        ))}
        {xScale.ticks.map((tick) => (
          <text key={tick} x={xOf(tick)} y={frame.top + frame.height + 15} textAnchor="middle">
            {showFigure(tick)}
          </text>
        ))}
        <text x={frame.left + frame.width} y={size.height - 2} textAnchor="end">
          {xTitle}
        </text>
        <path className="runs-axis" d={`M${frame.left} ${frame.top}v${frame.height}h${frame.width}`} />
        {hasEqual && <path className="runs-equal" d={`M${xOf(0)} ${yOf(0)}L${xOf(1)} ${yOf(1)}`} />}
        {lines.map((line, i) => (
          <g key={line.name}>
            <path className="runs-line" stroke={colourOf(i)} d={drawPath(line, xScale, yScale, frame)} />
            {(hasDots || line.x.length === 1) &&
              line.x.map((x, n) => <circle key={n} cx={xOf(x)} cy={yOf(line.y[n]!)} r={3} fill={colourOf(i)} />)}
          </g>
        ))}
        {shown.length > 0 && <path className="runs-at" d={`M${xOf(shown[0]!.x)} ${frame.top}v${frame.height}`} />}
        {shown.map(({ i, x, y }) =>
          Number.isFinite(yOf(y)) ? <circle key={i} cx={xOf(x)} cy={yOf(y)} r={4} fill={colourOf(i)} /> : null,
        )}
      </svg>
      <ul className="runs-legend" aria-live="polite">
        {lines.map(({ name, y }, i) => {
          const here = shown.find((one) => one.i === i)
          return (
            <li key={name}>
              <i style={{ background: colourOf(i) }} />
              {name}{' '}
              {here !== undefined ? (
                <b>
                  {showFigure(here.y)} at {showFigure(here.x)}
                </b>
              ) : (
                !isSquare && <b>{showFigure(y.at(-1))}</b>
              )}
            </li>
          )
        })}
      </ul>
    </figure>
  )
}
