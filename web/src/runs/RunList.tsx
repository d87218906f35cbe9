import { useDeferredValue, useState } from 'react'
import type { Input } from '../api/client.ts'
import { setView } from '../shell/view.ts'
import { useLive } from './live.ts'
import { Fault, Scroll } from './parts.tsx'
import { RunTable } from './RunTable.tsx'

const states = ['running', 'done', 'failed', 'cancelled', 'interrupted'] as const
const kinds = ['train', 'sweep', 'evaluate', 'compare', 'gate']

type Order = { by: string; ascending: boolean }

/** The runs of the workspace, the newest first; those chosen can be compared. */
export function RunList({ onTrain }: { onTrain: () => void }) {
  const [kind, setKind] = useState('')
  const [state, setState] = useState<'' | (typeof states)[number]>('')
  const [name, setName] = useState('')
  const [order, setOrder] = useState<Order>({ by: 'started', ascending: false })
  const [limit, setLimit] = useState(100)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const wanted = useDeferredValue(name.trim())
  const input: Input<'run.list'> = {
    ...(kind === '' ? {} : { kind }),
    ...(state === '' ? {} : { state }),
    ...(wanted === '' ? {} : { name: wanted }),
    order: order.by,
    ascending: order.ascending,
    limit,
  }
  const { data, error } = useLive('run.list', input, (newest) =>
    newest?.runs.some((run) => run.state === 'running') === true ? 1_500 : 10_000,
  )
  const isFiltered = kind !== '' || state !== '' || wanted !== ''
  const toggle = (id: string): void =>
    setChosen((all) => new Set(all.has(id) ? [...all].filter((one) => one !== id) : [...all, id]))
  return (
    <>
      <div className="runs-bar">
        <h1>Runs</h1>
        <label>
          Kind{' '}
          <select value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="">all</option>
            {[...new Set([...kinds, ...(data?.runs.map((run) => run.kind) ?? [])])].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          State{' '}
          <select value={state} onChange={(event) => setState(event.target.value as typeof state)}>
            <option value="">all</option>
            {states.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <input
          type="search"
          aria-label="Name of the run"
          placeholder="Name…"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <span className="hint" role="status">
          {data === undefined ? '' : `${data.total.toLocaleString('en')} ${data.total === 1 ? 'run' : 'runs'}`}
        </span>
        <span className="spring" />
        {chosen.size > 0 && (
          <button type="button" onClick={() => setChosen(new Set())}>
            Choose none
          </button>
        )}
        <button type="button" disabled={chosen.size < 2} onClick={() => setView({ runs: [...chosen] })}>
          Compare{chosen.size > 1 ? ` ${chosen.size} runs` : '…'}
        </button>
        <button type="button" className="runs-main-button" onClick={onTrain}>
          Train…
        </button>
      </div>
      {error !== null && data === undefined && <Fault title="The runs cannot be listed" error={error} />}
      {data === undefined && error === null && <div className="loading">Reading the runs…</div>}
      {data?.runs.length === 0 && (
        <div className="empty">
          <h1>{isFiltered ? 'No run like that' : 'No run yet'}</h1>
          {isFiltered ? (
            <p>Choose another kind or state, or another part of a name.</p>
          ) : (
            <>
              <p>Training, evaluating and gating a model leave a run each: parameters, data, metrics and files.</p>
              <p>
                Begin with Train…, or on the command line: <code>fovea train --task classification</code>
              </p>
            </>
          )}
        </div>
      )}
      {data !== undefined && data.runs.length > 0 && (
        <Scroll label="Table of runs">
          <RunTable runs={data.runs} chosen={chosen} onToggle={toggle} order={order} onOrder={setOrder} />
          {data.total > data.runs.length && (
            <button type="button" className="runs-more" onClick={() => setLimit(limit * 4)}>
              Show more of {data.total.toLocaleString('en')}
            </button>
          )}
        </Scroll>
      )}
    </>
  )
}
