import { useState } from 'react'
import type { Output } from '../api/client.ts'
import { paletteColour } from '../labels/colours.ts'
import { setView } from '../shell/view.ts'
import { Curves } from './Curves.tsx'
import { useLive } from './live.ts'
import { Card, Fault, RunLink, Scroll, StateBadge } from './parts.tsx'
import { showFigure, showValue } from './words.ts'

type Comparison = Output<'run.compare'>

/** Runs side by side: what was different, which did best, and their curves. */
export function CompareRuns({ ids }: { ids: readonly string[] }) {
  const [isAll, setAll] = useState(false)
  const { data, error } = useLive('run.compare', { runs: [...ids], all: isAll }, (newest) =>
    newest?.runs.some((run) => run.state === 'running') === true ? 2_000 : false,
  )
  const bar = (
    <div className="runs-bar">
      <button type="button" onClick={() => setView({ runs: null })}>
        ← All runs
      </button>
      <h1>{ids.length} runs side by side</h1>
      <span className="spring" />
      <label className="runs-check">
        <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.target.checked)} />
        Also what is the same
      </label>
    </div>
  )
  if (data === undefined)
    return (
      <>
        {bar}
        {error === null ? (
          <div className="loading">Reading the runs…</div>
        ) : (
          <Fault title="The runs cannot be compared" error={error} />
        )}
      </>
    )
  return (
    <>
      {bar}
      <div className="runs-page">
        <Card title="Metrics">
          <Scroll label="Metrics side by side">
            <table className="runs-table">
              <Head runs={data.runs} title="Metric" />
              <tbody>
                {data.metrics.map(({ name, values, best, better }) => {
                  // Where all are as good, none stands out.
                  const marked = best.length < values.filter((value) => value !== null).length ? best : []
                  return (
                    <tr key={name}>
                      <th scope="row" title={`${better} is better`}>
                        {name} <span className="hint">{better === 'lower' ? '↓' : '↑'}</span>
                      </th>
                      {values.map((value, i) => (
                        <td
                          key={data.runs[i]!.id}
                          className={marked.includes(i) ? 'runs-number runs-best' : 'runs-number'}
                        >
                          {showFigure(value)}
                          {marked.includes(i) && <span className="visually-hidden"> best</span>}
                        </td>
                      ))}
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </Scroll>
        </Card>
        <Curves runs={data.runs} />
        <Differences title="Parameters" runs={data.runs} rows={data.params} isAll={isAll} />
        <Differences title="Data, model and environment" runs={data.runs} rows={data.facts} isAll={isAll} />
      </div>
    </>
  )
}

function Head({ runs, title }: { runs: Comparison['runs']; title: string }) {
  return (
    <thead>
      <tr>
        <th scope="col">{title}</th>
        {runs.map((run, i) => (
          <th key={run.id} scope="col">
            <i className="runs-dot" style={{ background: paletteColour(i) }} />
            <RunLink run={run.id}>{run.name}</RunLink> {run.state !== 'done' && <StateBadge state={run.state} />}
            <div className="hint mono">{run.id}</div>
          </th>
        ))}
      </tr>
    </thead>
  )
}

function Differences({
  title,
  runs,
  rows,
  isAll,
}: {
  title: string
  runs: Comparison['runs']
  rows: Comparison['params']
  isAll: boolean
}) {
  return (
    <Card title={title}>
      {rows.length === 0 ? (
        <p className="hint">{isAll ? 'None.' : 'The same in all of them.'}</p>
      ) : (
        <Scroll label={title}>
          <table className="runs-table">
            <Head runs={runs} title="" />
            <tbody>
              {rows.map(({ name, values, differs }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {values.map((value, i) => (
                    <td key={runs[i]!.id} className={differs ? 'runs-differs' : undefined}>
                      {showValue(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  )
}
