import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type ApiError, type Output } from '../api/client.ts'
import { Card, Fault } from './parts.tsx'
import { LinePlot } from './LinePlot.tsx'
import type { Run } from './words.ts'

type History = Output<'run.history'>

/** The metrics of runs over their steps, those of several runs in one plot; they grow while a run is under way. */
export function Curves({ runs }: { runs: readonly Run[] }) {
  const [isLog, setLog] = useState(false)
  const answers = useQueries({
    queries: runs.map((run) => ({
      queryKey: ['run.history', { run: run.id, points: 600 }, run.state === 'running'],
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<History> =>
        call('run.history', { run: run.id, points: 600 }, signal),
      refetchInterval: run.state === 'running' ? 1_500 : (false as const),
    })),
  })
  const failed = answers.find(({ error }) => error !== null)?.error as ApiError | undefined
  const label = (i: number): string =>
    runs.filter(({ name }) => name === runs[i]!.name).length > 1 ? `${runs[i]!.name} (${runs[i]!.id})` : runs[i]!.name
  const metrics = new Map<string, { name: string; x: number[]; y: number[]; colour: number }[]>()
  for (const [i, { data }] of answers.entries())
    for (const curve of data?.curves ?? []) {
      // One value is a figure, not a curve.
      if (curve.steps.length < 2) continue
      const lines = metrics.get(curve.metric) ?? []
      metrics.set(curve.metric, [...lines, { name: label(i), x: curve.steps, y: curve.values, colour: i }])
    }
  const isReading = answers.some(({ isPending }) => isPending)
  return (
    <Card
      title="Curves"
      aside={
        metrics.size > 0 && (
          <label className="runs-check">
            <input type="checkbox" checked={isLog} onChange={(event) => setLog(event.target.checked)} />
            Logarithmic
          </label>
        )
      }
    >
      {failed !== undefined && <Fault title="The curves cannot be read" error={failed} />}
      {metrics.size === 0 && failed === undefined && (
        <p className="hint">
          {isReading
            ? 'Reading the curves…'
            : runs.some(({ state }) => state === 'running')
              ? 'No values yet; they appear here by themselves.'
              : 'Nothing was logged more than once.'}
        </p>
      )}
      <div className="runs-plots">
        {[...metrics].map(([metric, lines]) => (
          <LinePlot
            key={metric}
            title={metric}
            xTitle="step"
            lines={lines}
            colours={lines.map(({ colour }) => colour)}
            isLog={isLog}
          />
        ))}
      </div>
    </Card>
  )
}
