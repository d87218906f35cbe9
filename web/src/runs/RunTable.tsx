import type { ReactNode } from 'react'
import { ModelLink, RunLink, StateBadge } from './parts.tsx'
import { pickMetrics, showDuration, showFigure, showTime, type Run } from './words.ts'

interface RunTableProps {
  runs: readonly Run[]
  chosen: ReadonlySet<string>
  onToggle: (id: string) => void
  order: { by: string; ascending: boolean }
  onOrder: (order: { by: string; ascending: boolean }) => void
}

export function RunTable({ runs, chosen, onToggle, order, onOrder }: RunTableProps) {
  const head = (title: string, by: string, firstAscending = false): ReactNode => {
    const isHere = order.by === by
    return (
      <th scope="col" aria-sort={isHere ? (order.ascending ? 'ascending' : 'descending') : undefined}>
        <button
          type="button"
          className="runs-sort"
          onClick={() => onOrder({ by, ascending: isHere ? !order.ascending : firstAscending })}
        >
          {title}
          {isHere && <span aria-hidden> {order.ascending ? '▲' : '▼'}</span>}
        </button>
      </th>
    )
  }
  return (
    <table className="runs-table">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Chosen</span>
          </th>
          <th scope="col">Kind</th>
          {head('Name', 'name', true)}
          <th scope="col">State</th>
          {head('Started', 'started')}
          {head('Duration', 'duration')}
          <th scope="col">Main metrics</th>
          <th scope="col">Model</th>
          <th scope="col">Who</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id} aria-selected={chosen.has(run.id)}>
            <td>
              <input
                type="checkbox"
                aria-label={`Choose ${run.name}, ${run.id}`}
                checked={chosen.has(run.id)}
                onChange={() => onToggle(run.id)}
              />
            </td>
            <td>{run.kind}</td>
            <td>
              <RunLink run={run.id}>{run.name}</RunLink>
              <div className="hint mono">{run.id}</div>
            </td>
            <td title={run.error?.message}>
              <StateBadge state={run.state} />
            </td>
            <td>{showTime(run.startedAt)}</td>
            <td className="runs-number">{showDuration(run.durationMs)}</td>
            <td className="runs-metrics">
              {pickMetrics(run.metrics, 3).map((name) => (
                <span key={name}>
                  {name} <b>{showFigure(run.metrics[name])}</b>
                </span>
              ))}
            </td>
            <td>{run.model === null ? '–' : <ModelLink model={run.model} />}</td>
            <td>{run.actor}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
