import { startJob } from '../shell/changes.ts'
import { setView } from '../shell/view.ts'
import { Curves } from './Curves.tsx'
import { useLive } from './live.ts'
import { Card, Facts, Fault, ImagesLink, ModelLink, RunLink, Scroll, StateBadge } from './parts.tsx'
import { showBytes, showDuration, showFigure, showTime, showValue, type Run } from './words.ts'

/** One run: what it was given, what came of it, and where it was done. */
export function RunDetail({ id }: { id: string }) {
  const { data, error } = useLive('run.show', { run: id }, (newest) =>
    newest?.run.state === 'running' ? 1_500 : false,
  )
  const back = (
    <button type="button" onClick={() => setView({ runs: null })}>
      ← All runs
    </button>
  )
  if (error !== null && data === undefined)
    return (
      <>
        <div className="runs-bar">{back}</div>
        <Fault title="The run cannot be shown" error={error} />
      </>
    )
  if (data === undefined) return <div className="loading">Reading the run…</div>
  const { run, children, artefacts } = data
  return (
    <>
      <div className="runs-bar">
        {back}
        <h1>{run.name}</h1>
        <StateBadge state={run.state} />
        <span className="hint">
          {run.kind} · <span className="mono">{run.id}</span> · {showTime(run.startedAt)} ·{' '}
          {showDuration(run.durationMs)} · {run.actor}
        </span>
        <span className="spring" />
        {run.model !== null && (
          <span>
            Model <ModelLink model={run.model} />
          </span>
        )}
        {run.call !== null && run.state !== 'running' && (
          <button
            type="button"
            title={`${run.call.operation} with the same input`}
            onClick={() => void startJob('run.rerun', { run: run.id })}
          >
            Run again
          </button>
        )}
      </div>
      <div className="runs-page">
        {run.error !== null && (
          <Fault title={run.state === 'running' ? 'A fault so far' : 'Why it ended'} error={run.error} />
        )}
        <Metrics metrics={run.metrics} />
        <Curves runs={[run]} />
        <div className="runs-columns">
          <Card title="Parameters">
            {Object.keys(run.params).length === 0 ? (
              <p className="hint">It had none.</p>
            ) : (
              <Facts rows={Object.entries(run.params).map(([name, value]) => [name, showValue(value)])} />
            )}
          </Card>
          <Data run={run} />
          <Card title="Environment">
            <Facts
              rows={[
                ['fovea', run.environment.fovea],
                ['Node', run.environment.node],
                ['Platform', `${run.environment.platform}, ${run.environment.cpus} cores`],
                ['Revision', run.environment.revision ?? '–'],
                ['Peak memory', run.peakMemoryBytes === null ? '–' : showBytes(run.peakMemoryBytes)],
                ...Object.entries(run.tags).map(([name, value]) => [name, value] as const),
              ]}
            />
          </Card>
          <Card title="Files">
            {artefacts.length === 0 && <p className="hint">It left none.</p>}
            <ul className="runs-files">
              {artefacts.map(({ name, bytes }) => (
                <li key={name}>
                  <a
                    href={`/runs/${encodeURIComponent(run.id)}/artefacts/${name.split('/').map(encodeURIComponent).join('/')}`}
                    target="_blank"
                    rel="noreferrer"
                  >
                    {name}
                  </a>{' '}
                  <span className="hint">{showBytes(bytes)}</span>
                </li>
              ))}
            </ul>
          </Card>
          {(children.length > 0 || run.parent !== null) && (
            <Card
              title="Related runs"
              aside={
                children.length > 1 && (
                  <button type="button" onClick={() => setView({ runs: children.slice(0, 20) })}>
                    Compare those below
                  </button>
                )
              }
            >
              {run.parent !== null && (
                <p>
                  Above: <RunLink run={run.parent} />
                </p>
              )}
              <ul className="runs-files">
                {children.map((child) => (
                  <li key={child}>
                    <RunLink run={child} />
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </div>
      </div>
    </>
  )
}

function Metrics({ metrics }: { metrics: Run['metrics'] }) {
  const names = Object.keys(metrics)
  if (names.length === 0) return null
  return (
    <Card title="Metrics">
      <Scroll label="Metrics">
        <div className="runs-tiles">
          {names.map((name) => (
            <div key={name}>
              <b>{showFigure(metrics[name])}</b>
              <span>{name}</span>
            </div>
          ))}
        </div>
      </Scroll>
    </Card>
  )
}

function Data({ run: { data } }: { run: Run }) {
  if (data === null)
    return (
      <Card title="Data">
        <p className="hint">No data is named.</p>
      </Card>
    )
  const images = (
    <ImagesLink dataset={data.dataset} query={data.query}>
      {data.query === '' ? 'all of it' : data.query}
    </ImagesLink>
  )
  return (
    <Card title="Data">
      <Facts
        rows={[
          ['Dataset', data.dataset],
          ['Samples', images],
          ['Labels of', data.layer],
          ['Learnt from', data.samples.toLocaleString('en')],
          ['Held out', data.validation.toLocaleString('en')],
          ['SHA-256', <code key="digest">{data.digest}</code>],
        ]}
      />
    </Card>
  )
}
