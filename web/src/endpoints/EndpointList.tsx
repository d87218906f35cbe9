import { useState } from 'react'
import { Dialog } from '../actions/Dialog.tsx'
import { setView } from '../shell/view.ts'
import { useLive } from '../runs/live.ts'
import { Fault, ModelLink, Scroll, StateBadge } from '../runs/parts.tsx'
import { showFigure } from '../runs/words.ts'
import { DeployForm } from './DeployForm.tsx'
import { sumStatistics, type Endpoint } from './endpoint.ts'

/** Every endpoint with what it serves and how it does. */
export function EndpointList() {
  const { data, error } = useLive('serving.list', {}, () => 2_000)
  const [isDeploying, setDeploying] = useState(false)
  return (
    <>
      <div className="runs-bar">
        <h1>Endpoints</h1>
        <span className="spring" />
        <button type="button" className="runs-main-button" onClick={() => setDeploying(true)}>
          Deploy…
        </button>
      </div>
      {error !== null && data === undefined && <Fault title="The endpoints cannot be listed" error={error} />}
      {data === undefined && error === null && <div className="loading">Reading the endpoints…</div>}
      {data?.endpoints.length === 0 && (
        <div className="empty">
          <h1>No endpoint yet</h1>
          <p>An endpoint answers pictures with what a registered model says of them.</p>
          <p>
            Begin with Deploy…, or on the command line: <code>fovea endpoints deploy NAME --model MODEL</code>
          </p>
        </div>
      )}
      {data !== undefined && data.endpoints.length > 0 && (
        <Scroll label="Table of endpoints">
          <table className="runs-table">
            <thead>
              <tr>
                {['Name', 'State', 'Model', 'Canary', 'Shadow', 'Requests', 'Failures', 'p50', 'p95', 'Keys'].map(
                  (title) => (
                    <th key={title} scope="col">
                      {title}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {data.endpoints.map((endpoint) => (
                <Line key={endpoint.name} endpoint={endpoint} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {isDeploying && (
        <Dialog label="Deploy an endpoint" onClose={() => setDeploying(false)}>
          <h2>Deploy an endpoint</h2>
          <DeployForm
            onDone={(name) => {
              setDeploying(false)
              setView({ endpoint: name })
            }}
            onCancel={() => setDeploying(false)}
          />
        </Dialog>
      )}
    </>
  )
}

function Line({ endpoint }: { endpoint: Endpoint }) {
  const { name, state, settings, serving, keys, problem } = endpoint
  const { data } = useLive('serving.stats', { name }, () => 2_000)
  const { requests, failures, primary } = sumStatistics(data?.versions ?? [])
  const served = serving.find(({ role }) => role === 'primary')
  return (
    <tr>
      <th scope="row">
        <button type="button" className="runs-link" onClick={() => setView({ endpoint: name })}>
          {name}
        </button>
      </th>
      <td>
        <StateBadge state={state} />
        {problem !== null && <div className="problem">{problem.message}</div>}
      </td>
      <td>{served === undefined ? settings.model : <ModelLink model={`${served.model}:${served.version}`} />}</td>
      <td>
        {settings.canary === null ? '–' : `${settings.canary.model}, ${Math.round(settings.canary.share * 100)} %`}
      </td>
      <td>{settings.shadow ?? '–'}</td>
      <td className="runs-number">{showFigure(requests)}</td>
      <td className="runs-number">{showFigure(failures)}</td>
      <td className="runs-number">{primary === null ? '–' : `${showFigure(primary.p50)} ms`}</td>
      <td className="runs-number">{primary === null ? '–' : `${showFigure(primary.p95)} ms`}</td>
      <td className="runs-number">{keys.length}</td>
    </tr>
  )
}
