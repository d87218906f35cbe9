import { useLive } from '../runs/live.ts'
import { Card, Fault, Scroll } from '../runs/parts.tsx'
import { showFigure } from '../runs/words.ts'
import { countFailures, type Statistics } from './endpoint.ts'

/** Requests, latency and batches of each version since the server started. */
export function StatisticsCard({ name }: { name: string }) {
  const { data, error } = useLive('serving.stats', { name }, () => 1_500)
  if (error !== null && data === undefined) return <Fault title="The statistics cannot be read" error={error} />
  const versions = data?.versions ?? []
  return (
    <Card title="Statistics" aside={<span className="hint">since the server started</span>}>
      {versions.length === 0 ? (
        <p className="hint">
          {data === undefined ? 'Reading…' : 'No version was opened yet; the first request opens it.'}
        </p>
      ) : (
        <Scroll label="Statistics">
          <table className="runs-table">
            <thead>
              <tr>
                {[
                  'Version',
                  'Requests',
                  'Pictures',
                  'Failures',
                  'Waiting',
                  'Latency p50 / p95 / p99',
                  'Queue p95',
                  'Compute p95',
                  'Batches',
                  'Shadow',
                ].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {versions.map((one) => (
                <Line key={`${one.role} ${one.model} ${one.version}`} of={one} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  )
}

function Line({ of }: { of: Statistics }) {
  const { latencyMs: latency, queueMs, computeMs, batches, runs, failures, shadow } = of
  const codes = Object.entries(failures)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ')
  const sizes = Object.entries(batches)
    .map(([size, count]) => `${count} of ${size}`)
    .join(', ')
  return (
    <tr>
      <th scope="row">
        {of.model}:{of.version} <span className="hint">{of.role}</span>
      </th>
      <td className="runs-number">{showFigure(of.requests)}</td>
      <td className="runs-number">{showFigure(of.pictures)}</td>
      <td className="runs-number">
        {showFigure(countFailures(of))}
        {codes !== '' && <div className="problem">{codes}</div>}
      </td>
      <td className="runs-number">{showFigure(of.waiting)}</td>
      <td className="runs-number">
        {latency === null ? '–' : `${[latency.p50, latency.p95, latency.p99].map(showFigure).join(' / ')} ms`}
      </td>
      <td className="runs-number">{queueMs === null ? '–' : `${showFigure(queueMs.p95)} ms`}</td>
      <td className="runs-number">{computeMs === null ? '–' : `${showFigure(computeMs.p95)} ms`}</td>
      <td title={sizes}>
        {showFigure(runs)}
        {sizes !== '' && <div className="hint">{sizes}</div>}
      </td>
      <td>
        {shadow === null
          ? '–'
          : `${showFigure(shadow.compared)} compared, agreement ${showFigure(shadow.agreement)}, ${showFigure(shadow.dropped)} left out`}
      </td>
    </tr>
  )
}
