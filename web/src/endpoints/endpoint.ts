import type { Output } from '../api/client.ts'

export type Endpoint = Output<'serving.show'>['endpoint']
export type Statistics = Output<'serving.stats'>['versions'][number]

/** Requests and failures of all versions that answer, and the latency of the primary one. */
export function sumStatistics(versions: readonly Statistics[]): {
  requests: number
  failures: number
  primary: Statistics['latencyMs']
} {
  const answering = versions.filter(({ role }) => role !== 'shadow')
  return {
    requests: answering.reduce((sum, one) => sum + one.requests, 0),
    failures: answering.reduce((sum, one) => sum + countFailures(one), 0),
    primary: versions.find(({ role }) => role === 'primary')?.latencyMs ?? null,
  }
}

export const countFailures = ({ failures }: Pick<Statistics, 'failures'>): number =>
  Object.values(failures).reduce((sum, count) => sum + count, 0)
