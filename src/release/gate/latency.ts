import type { GateOutcome } from '#contract'
import { FoveaError, throwIfAborted, type CallContext } from '#base'
import type { MediaRow } from '#catalog'
import type { Gate } from '#contract'
import type { ReleaseDeps } from '../deps.ts'
import { describeBound, show } from './describe.ts'

/** Time from a file to an answer, one picture after the other, after one that does not count. */
export async function judgeLatency(
  { openModel, fileOf, clock }: Pick<ReleaseDeps, 'openModel' | 'fileOf' | 'clock'>,
  { folder, rows, latency }: { folder: string; rows: readonly MediaRow[]; latency: NonNullable<Gate['latency']> },
  context: CallContext,
): Promise<GateOutcome[]> {
  const model = await openModel(folder, latency.threads)
  const times: number[] = []
  try {
    for (let i = 0; i <= latency.pictures; i++) {
      throwIfAborted(context.signal)
      const from = clock.monotonic()
      try {
        await model.predict([await model.prepare({ file: await fileOf(rows[i % rows.length]!) })], { run: 'alone' })
      } catch (error) {
        if (error instanceof FoveaError && error.code.startsWith('MEDIA_')) continue
        throw error
      }
      if (i > 0) times.push(clock.monotonic() - from)
      context.progress.report({ stage: 'time', done: i, total: latency.pictures, unit: 'pictures' })
    }
  } finally {
    await model.close()
  }
  times.sort((a, b) => a - b)
  const quantile = (share: number): number | undefined =>
    times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)]
  const bounds = [
    ['p50', 0.5, latency.p50Ms],
    ['p95', 0.95, latency.p95Ms],
  ] as const
  return bounds.flatMap(([name, share, max]) => {
    if (max === undefined) return []
    const value = quantile(share)
    return [
      {
        kind: 'latency' as const,
        name: `${name}, ${latency.threads} ${latency.threads === 1 ? 'thread' : 'threads'}`,
        passed: value !== undefined && value <= max,
        expected: `${describeBound({ max })} ms`,
        found: value === undefined ? 'no picture could be read' : `${show(value)} ms over ${times.length} pictures`,
        query: null,
      },
    ]
  })
}
