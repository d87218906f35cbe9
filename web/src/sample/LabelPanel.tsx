import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef } from 'react'
import type { PlacedLabel } from '../labels/draw.ts'
import { quoteText } from '../shell/view.ts'
import { AddToQuery } from './AddToQuery.tsx'
import { CopyButton } from './CopyButton.tsx'
import { describeArea } from './LabelTip.tsx'
import type { Shown } from './sample-data.ts'
import { trimNumber } from './values.ts'

export interface LabelPanelProps {
  shown: Shown
  minScore: number
  picked: string | null
  hovered: string | null
  colourOf: (layer: string, name: string | null) => string
  onHover: (id: string | null) => void
  onPick: (id: string | null) => void
  /** Brings a label into sight. */
  onShow: (label: PlacedLabel) => void
}

type Row =
  | { kind: 'layer'; layer: string; count: number; shown: number }
  | { kind: 'label'; layer: string; label: PlacedLabel }

/** Labels layer by layer; the picked one in full. Only the rows in sight are on the page. */
export function LabelPanel(props: LabelPanelProps) {
  const { shown, minScore, picked, hovered, colourOf, onHover, onPick, onShow } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(
    () =>
      shown.layers.flatMap(({ layer, labels }): Row[] => {
        const kept = labels.filter(({ score }) => score === null || score >= minScore)
        return [
          { kind: 'layer', layer, count: labels.length, shown: kept.length },
          ...kept.map((label): Row => ({ kind: 'label', layer, label })),
        ]
      }),
    [shown, minScore],
  )
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 28,
    overscan: 12,
  })
  const found = rows.findIndex((row) => row.kind === 'label' && row.label.id === picked)
  useEffect(() => {
    if (found >= 0) list.scrollToIndex(found, { align: 'auto' })
  }, [found, list])
  const chosen = rows[found]

  if (shown.layers.every(({ labels }) => labels.length === 0))
    return <div className="sample-empty">This sample has no labels.</div>
  return (
    <>
      <div ref={scroller} className="sample-scroll">
        <div className="sample-labels" style={{ height: list.getTotalSize() }} role="list" aria-label="Labels">
          {list.getVirtualItems().map(({ index, start, size }) => {
            const row = rows[index]!
            const style = { transform: `translateY(${start}px)`, height: size }
            if (row.kind === 'layer')
              return (
                <div key={`layer ${row.layer}`} className="sample-layer-row" style={style} role="listitem">
                  <span className={`sample-line${row.layer === 'truth' ? '' : ' dashed'}`} />
                  <strong>{row.layer}</strong>
                  <span className="hint">
                    {row.shown === row.count
                      ? row.count.toLocaleString('en')
                      : `${row.shown.toLocaleString('en')} of ${row.count.toLocaleString('en')}, by score`}
                  </span>
                </div>
              )
            const { label, layer } = row
            return (
              <div key={label.id} style={style} className="sample-label-row" role="listitem">
                <button
                  type="button"
                  className={hovered === label.id ? 'hovered' : ''}
                  aria-pressed={picked === label.id}
                  onClick={() => onPick(picked === label.id ? null : label.id)}
                  onDoubleClick={() => onShow(label)}
                  onPointerEnter={() => onHover(label.id)}
                  onPointerLeave={() => onHover(null)}
                  onFocus={() => onHover(label.id)}
                  onBlur={() => onHover(null)}
                >
                  <span className="sample-dot" style={{ background: colourOf(layer, label.class) }} />
                  <span className="sample-label-class">{label.class}</span>
                  <span className="hint">{label.kind}</span>
                  {label.score !== null && <span className="sample-label-score">{label.score.toFixed(2)}</span>}
                </button>
              </div>
            )
          })}
        </div>
      </div>
      {chosen?.kind === 'label' && <Picked layer={chosen.layer} label={chosen.label} shown={shown} onShow={onShow} />}
    </>
  )
}

function Picked({
  layer,
  label,
  shown,
  onShow,
}: { layer: string; label: PlacedLabel; shown: Shown } & Pick<LabelPanelProps, 'onShow'>) {
  const { box } = label
  const inLayer = layer === 'truth' ? '' : `layer(${quoteText(layer)}).`
  const facts: [string, string][] = [
    ['Layer', layer],
    ['Kind', label.kind],
    ...(label.score === null ? [] : [['Score', label.score.toFixed(4)] as [string, string]]),
    ...(box === null
      ? []
      : [['Box', [box.x, box.y, box.w, box.h].map((n) => trimNumber(n, 6)).join(', ')] as [string, string]]),
    ['Size', describeArea(label, { w: shown.sample.width, h: shown.sample.height })],
    ...(label.author === null ? [] : [['Author', label.author] as [string, string]]),
    ...Object.entries(label.attributes).map(([name, value]): [string, string] => [name, String(value)]),
  ]
  return (
    <section className="sample-picked" aria-label="The picked label">
      <header>
        <strong>{label.class}</strong>
        <span className="hint mono">{label.id}</span>
        <span className="spring" />
        <AddToQuery condition={`${inLayer}labels[class = ${quoteText(label.class)}]`} />
        <CopyButton text={JSON.stringify(label)} what="the label as JSON" />
        {box !== null && (
          <button type="button" className="sample-small" onClick={() => onShow(label)}>
            Zoom to it
          </button>
        )}
      </header>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
