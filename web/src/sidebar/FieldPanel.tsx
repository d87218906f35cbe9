import { useId, useMemo, useRef } from 'react'
import type { Output } from '../api/client.ts'
import { nameField } from './conditions.ts'
import { rowOf } from './edit.ts'
import { HistogramView } from './HistogramView.tsx'
import { useKept } from './kept.ts'
import { Row } from './Row.tsx'
import { axisOf } from './scale.ts'
import { useNumbers, type Histogram, type Numbers } from './stats-batch.ts'
import { useSeen } from './use-seen.ts'
import { Values } from './Values.tsx'

export type Field = Output<'field.list'>['fields'][number]

interface FieldPanelProps {
  dataset: string
  query: string
  field: Field
  isOpenAtFirst: boolean
}

/** One field: its name, and below it, while open, what values the samples have. */
export function FieldPanel({ dataset, query, field, isOpenAtFirst }: FieldPanelProps) {
  const [isOpen, setOpen] = useKept(`field:${field.name}`, isOpenAtFirst)
  const id = useId()
  return (
    <section className="sidebar-field">
      <h3>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          title={field.summary}
          onClick={() => setOpen(!isOpen)}
        >
          <span className="sidebar-arrow" aria-hidden="true">
            {isOpen ? '▾' : '▸'}
          </span>
          {field.name}
          {field.unit !== null && <span className="sidebar-note">{field.unit}</span>}
        </button>
      </h3>
      <div id={id}>{isOpen && <FieldBody dataset={dataset} query={query} name={field.name} />}</div>
    </section>
  )
}

function FieldBody({ dataset, query, name }: { dataset: string; query: string; name: string }) {
  const box = useRef<HTMLDivElement>(null)
  const isSeen = useSeen(box)
  const whole = useNumbers(dataset, '', name, isSeen)
  const now = useNumbers(dataset, query, name, isSeen)
  return (
    <div ref={box} className="sidebar-body" data-busy={now.isFetching || undefined}>
      <FieldNumbers name={name} query={query} whole={whole.data} now={now.data} error={whole.error} />
    </div>
  )
}

interface FieldNumbersProps {
  name: string
  query: string
  whole: Numbers | undefined
  now: Numbers | undefined
  error: { message: string } | null
}

function FieldNumbers({ name, query, whole, now, error }: FieldNumbersProps) {
  const stats = whole?.stats
  const axis = useMemo(() => (stats?.kind === 'histogram' ? axisOf(stats) : undefined), [stats])
  const bins = useMemo(() => binsOf(now), [now])
  if (stats === undefined)
    return <p className={`sidebar-empty${error === null ? '' : ' problem'}`}>{error?.message ?? 'Loading…'}</p>
  const missing = now === undefined ? undefined : now.stats.missing
  return (
    <>
      {stats.kind === 'counts' && <Values field={name} query={query} whole={stats} now={now} />}
      {stats.kind === 'histogram' &&
        (axis === undefined ? (
          <p className="sidebar-empty">No sample has a value.</p>
        ) : (
          <HistogramView field={name} query={query} axis={axis} whole={stats} now={bins} />
        ))}
      {stats.missing > 0 && stats.count > 0 && (
        <ul className="sidebar-rows">
          <Row
            label="no value"
            count={missing}
            total={stats.missing}
            {...rowOf(query, `${nameField(name)} is missing`)}
          />
        </ul>
      )}
    </>
  )
}

/** Whole numbers that are few under the query come counted one by one. */
function binsOf(now: Numbers | undefined): Pick<Histogram, 'bins' | 'count'> | undefined {
  if (now === undefined || now.stats.kind === 'histogram') return now?.stats as Histogram | undefined
  const { values, count } = now.stats
  return { count, bins: values.map((one) => ({ from: one.value, to: one.value, count: one.count })) }
}
