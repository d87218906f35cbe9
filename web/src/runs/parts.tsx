import type { ReactNode } from 'react'
import type { ApiError } from '../api/client.ts'
import { setView } from '../shell/view.ts'
import './runs.css'

/** What went wrong and what to do about it. */
export function Fault({ title, error, children }: { title: string; error: ApiError; children?: ReactNode }) {
  return (
    <div className="runs-fault" role="alert">
      <h2>{title}</h2>
      <p className="problem">{error.message}</p>
      {error.hint !== undefined && <p>{error.hint}</p>}
      {children}
    </div>
  )
}

/** Shows samples in the grid. */
export function ImagesLink({
  dataset,
  query,
  children,
  title,
  className = 'runs-link',
}: {
  dataset: string
  query: string
  children: ReactNode
  title?: string
  className?: string
}) {
  return (
    <button
      type="button"
      className={className}
      title={title ?? (query === '' ? `Show ${dataset}` : query)}
      onClick={() => setView({ tab: 'grid', dataset, query, sample: null })}
    >
      {children}
    </button>
  )
}

/** Leads to a version of a model. */
export function ModelLink({ model }: { model: string }) {
  return (
    <button type="button" className="runs-link" onClick={() => setView({ tab: 'models', model })}>
      {model}
    </button>
  )
}

/** Leads to a run. */
export function RunLink({ run, children }: { run: string; children?: ReactNode }) {
  return (
    <button type="button" className="runs-link" onClick={() => setView({ tab: 'runs', runs: [run] })}>
      {children ?? run}
    </button>
  )
}

/** A word in the colour of what it means. */
export function Badge({ kind, children }: { kind: 'good' | 'bad' | 'busy' | 'plain'; children: ReactNode }) {
  return <span className={`runs-badge ${kind}`}>{children}</span>
}

const stateKinds = {
  running: 'busy',
  done: 'good',
  failed: 'bad',
  interrupted: 'bad',
  cancelled: 'plain',
  ready: 'good',
  loading: 'busy',
  stopped: 'plain',
} as const

export function StateBadge({ state }: { state: keyof typeof stateKinds }) {
  return <Badge kind={stateKinds[state]}>{state}</Badge>
}

/** A part of a page with its heading. */
export function Card({ title, children, aside }: { title: string; children: ReactNode; aside?: ReactNode }) {
  return (
    <section className="runs-card" aria-label={title}>
      <div className="runs-card-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

/** Names with their values. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="runs-facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Scrolls aside by keys where it is too wide. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="runs-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}
