import { memo, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { ApiError } from '../api/client.ts'
import { download, downloadKinds } from './download.ts'
import { pickMark } from './pick.ts'
import { sceneWidth, type Mark, type Scene } from './scene.ts'

interface PlotProps {
  title: string
  /** Null while it is not there yet. */
  scene: Scene | null
  /** What the numbers are of. */
  note?: string
  error?: ApiError | null
  isStale?: boolean
  /** What stands there when there is nothing to show. */
  empty?: string
  children?: ReactNode
}

/** One plot with its heading, its controls and its downloads. */
export function Plot({ title, scene, note, error = null, isStale = false, empty, children }: PlotProps) {
  const heading = useId()
  const isEmpty = scene !== null && scene.table.length <= 1
  return (
    <section className="stats-plot" aria-labelledby={heading} aria-busy={isStale}>
      <div className="stats-head">
        <h2 id={heading}>{title}</h2>
        {scene !== null &&
          !isEmpty &&
          downloadKinds.map((kind) => (
            <button
              key={kind}
              type="button"
              aria-label={`Download ${title} as ${kind}`}
              onClick={() => download(scene, kind, title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'))}
            >
              {kind}
            </button>
          ))}
      </div>
      {children}
      {error !== null ? (
        <p role="alert">
          <span className="problem">{error.message}</span> {error.hint}
        </p>
      ) : scene === null ? (
        <p className="hint">Counting…</p>
      ) : isEmpty ? (
        <p className="hint">{empty ?? 'Nothing to count in what the query finds.'}</p>
      ) : (
        <Drawing scene={scene} labelledBy={heading} />
      )}
      {note !== undefined && error === null && scene !== null && <p className="stats-note">{note}</p>}
    </section>
  )
}

const keySteps: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The marks can be reached by Tab (one stop) and the arrow keys; Enter asks for what they show. */
const Drawing = memo(function Drawing({ scene, labelledBy }: { scene: Scene; labelledBy: string }) {
  const [at, setAt] = useState(0)
  const svg = useRef<SVGSVGElement>(null)
  const picks = scene.marks.filter(({ pick }) => pick !== null)
  const current = Math.min(at, picks.length - 1)
  const onKey = (event: KeyboardEvent): void => {
    // The one that has the focus, wherever it stands after the last count.
    const marks = [...(svg.current?.querySelectorAll<SVGRectElement>('[role="button"]') ?? [])]
    const focused = marks.indexOf(event.target as SVGRectElement)
    const here = focused < 0 ? current : focused
    const mark = picks[here]
    if (mark === undefined) return
    if (event.key === 'Enter' || event.key === ' ') pickMark(mark)
    else {
      const step = keySteps[event.key]
      if (step === undefined) return
      const next = findNext(picks, mark, step)
      setAt(next)
      marks[next]?.focus()
    }
    event.preventDefault()
  }
  let number = -1
  const seen = new Map<string, number>()
  // By what it shows, without the count, so that the focus stays with it when counts change.
  const keyOf = (title: string): string => {
    const name = title.replace(/: [^:]*$/, '')
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return `${name} ${times}`
  }
  return (
    <svg
      ref={svg}
      className="stats-drawing"
      viewBox={`0 0 ${sceneWidth} ${scene.height}`}
      role="group"
      aria-labelledby={labelledBy}
      onKeyDown={onKey}
    >
      {scene.marks.map((mark, i) => {
        const place = { x: mark.x, y: mark.y, width: mark.width, height: mark.height }
        const paint = { fill: mark.colour ?? 'var(--accent)', fillOpacity: mark.opacity }
        if (mark.pick === null)
          return (
            <rect key={i} {...place} {...paint}>
              {mark.title !== '' && <title>{mark.title}</title>}
            </rect>
          )
        const own = ++number
        return (
          <rect
            key={keyOf(mark.title)}
            {...place}
            {...paint}
            className="stats-mark"
            role="button"
            aria-label={mark.title}
            tabIndex={own === current ? 0 : -1}
            onFocus={() => setAt(own)}
            onClick={() => pickMark(mark)}
          >
            <title>{mark.title}</title>
          </rect>
        )
      })}
      {scene.texts.map(({ x, y, text, anchor, tone, isTurned }, i) => (
        <text
          key={i}
          x={x}
          y={y}
          textAnchor={anchor}
          className={`stats-${tone}`}
          transform={isTurned === true ? `rotate(-90 ${x} ${y})` : undefined}
        >
          {text}
        </text>
      ))}
    </svg>
  )
})

/** The nearest mark in a direction; the same where there is none. */
function findNext(marks: readonly Mark[], from: Mark, [dx, dy]: [number, number]): number {
  let best = marks.indexOf(from)
  let least = Infinity
  const [x, y] = [from.x + (dx === 0 ? from.width / 2 : 0), from.y + from.height / 2]
  marks.forEach((mark, i) => {
    if (mark === from) return
    const ahead = dx * (mark.x - from.x) + dy * (mark.y - from.y)
    if (ahead <= 0.01) return
    const aside = dx === 0 ? Math.abs(mark.x + mark.width / 2 - x) : Math.abs(mark.y + mark.height / 2 - y)
    const far = ahead + 3 * aside
    if (far < least) [best, least] = [i, far]
  })
  return best
}
