import type { ReactNode } from 'react'
import { openExport } from '../actions/export-state.ts'
import { openImport } from '../actions/import-state.ts'
import { useCall } from '../shell/data.ts'
import { quoteText, useView } from '../shell/view.ts'
import { CardText } from './CardText.tsx'
import { ClassTable } from './ClassTable.tsx'
import { CountButton } from './CountButton.tsx'
import { ProblemList } from './ProblemList.tsx'
import './stats.css'

/** What the whole dataset holds and what is said about it, whatever the query. */
export function CardView() {
  const { dataset } = useView()
  const { data, error } = useCall('dataset.show', dataset === null ? {} : { dataset }, { enabled: dataset !== null })
  const spaces = useCall('spaces.list', dataset === null ? {} : { dataset }, { enabled: dataset !== null })
  if (error !== null && data === undefined)
    return (
      <div className="empty" role="alert">
        <h1>{error.message}</h1>
        <p>{error.hint}</p>
      </div>
    )
  if (dataset === null || data === undefined) return <div className="loading">Loading…</div>
  const day = (at: string): string => new Date(at).toLocaleString()
  return (
    <div className="stats-card">
      <div className="stats-title">
        <h1>{data.name}</h1>
        <button type="button" onClick={openImport}>
          Import…
        </button>
        <button type="button" onClick={openExport}>
          Export…
        </button>
      </div>
      <p className="hint">
        {`${count(data.samples, 'sample')}, ${count(data.labels, 'label')}; made ${day(data.createdAt)}, changed ${day(data.updatedAt)}`}
      </p>
      <CardText key={data.name} dataset={dataset} card={data.card} />
      <ClassTable dataset={dataset} classes={data.classes} />
      <div className="stats-columns">
        <Counts title="Splits" empty="No samples yet.">
          {data.splits.map(({ name, samples }) => (
            <Row key={name ?? ''} name={name ?? '(none)'}>
              <CountButton
                count={samples}
                about={`samples of ${name === null ? 'no split' : `the split ${name}`}`}
                condition={name === null ? 'split is missing' : `split = ${quoteText(name)}`}
              />
            </Row>
          ))}
        </Counts>
        <Counts title="Tags" empty="No tags yet.">
          {data.tags.map(({ name, samples }) => (
            <Row key={name} name={name}>
              <CountButton count={samples} about={`samples tagged ${name}`} condition={`tag:${quoteText(name)}`} />
            </Row>
          ))}
        </Counts>
        <Counts title="Layers" empty="No labels yet.">
          {data.layers.map(({ name, samples, labels }) => (
            <Row key={name} name={name}>
              <CountButton
                count={samples}
                about={`samples with labels in the layer ${name}`}
                condition={`layer(${quoteText(name)}).labels.count > 0`}
              />
              <span className="hint">{count(labels, 'label')}</span>
            </Row>
          ))}
        </Counts>
        <Counts title="Kinds of labels" empty="No labels yet.">
          {Object.entries(data.kinds).map(([kind, labels]) => (
            <Row key={kind} name={kind}>
              <CountButton
                count={labels}
                about={`labels of the kind ${kind}`}
                condition={`labels[kind = ${quoteText(kind)}]`}
              />
            </Row>
          ))}
        </Counts>
        <Counts title="Spaces" empty="No embeddings yet. Make them with More… → Embed.">
          {(spaces.data?.spaces ?? []).map((space) => (
            <Row key={space.name} name={space.name}>
              <span className="hint">
                {[
                  `${space.vectors.toLocaleString('en')} × ${space.dimensions} of ${space.of}`,
                  ...(space.missing > 0 ? [`${space.missing.toLocaleString('en')} missing`] : []),
                  ...(space.stale > 0 ? [`${space.stale.toLocaleString('en')} out of date`] : []),
                  ...(space.failed > 0 ? [`${space.failed.toLocaleString('en')} could not be read`] : []),
                  space.maps.length > 0 ? `maps: ${space.maps.join(', ')}` : 'no map',
                ].join(' · ')}
              </span>
            </Row>
          ))}
        </Counts>
      </div>
      <ProblemList key={dataset} dataset={dataset} />
    </div>
  )
}

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`

function Counts({ title, empty, children }: { title: string; empty: string; children: readonly ReactNode[] }) {
  return (
    <section className="stats-section" aria-label={title}>
      <h2>{title}</h2>
      {children.length === 0 ? <p className="hint">{empty}</p> : <ul className="stats-list">{children}</ul>}
    </section>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <li>
      <span className="stats-name">{name}</span>
      {children}
    </li>
  )
}
