import type { VersionCounters } from '#serving'
import { escapeLabel } from './metrics-text.ts'

type Row = [labels: Record<string, string>, value: number]

/** Lines of Prometheus (text format 0.0.4) about endpoints: requests, failures, queues, batches and latency of every version. */
export function writeServingMetrics(all: readonly VersionCounters[]): string {
  if (all.length === 0) return ''
  const labelsOf = ({ endpoint, statistics }: VersionCounters): Record<string, string> => ({
    endpoint,
    role: statistics.role,
    model: statistics.model,
    version: String(statistics.version),
  })
  const each = (values: (one: VersionCounters) => Row[]): Row[] =>
    all.flatMap((one) => values(one).map(([labels, value]): Row => [{ ...labelsOf(one), ...labels }, value]))
  return [
    write(
      'fovea_endpoint_requests_total',
      'counter',
      'Requests, answered or not.',
      each((one) => [[{}, one.statistics.requests]]),
    ),
    write(
      'fovea_endpoint_pictures_total',
      'counter',
      'Pictures, or rows of tensors, answered.',
      each((one) => [[{}, one.statistics.pictures]]),
    ),
    write(
      'fovea_endpoint_failures_total',
      'counter',
      'Requests that failed, by code.',
      each((one) => Object.entries(one.statistics.failures).map(([code, n]): Row => [{ code }, n])),
    ),
    write(
      'fovea_endpoint_waiting',
      'gauge',
      'Requests taken and not answered.',
      each((one) => [[{}, one.statistics.waiting]]),
    ),
    write(
      'fovea_endpoint_batches_total',
      'counter',
      'Runs of the network, by how many pictures they held.',
      each((one) => Object.entries(one.statistics.batches).map(([size, n]): Row => [{ size }, n])),
    ),
    write(
      'fovea_endpoint_queue_seconds_total',
      'counter',
      'Time that answered requests waited for their run.',
      each((one) => [[{}, one.totals.queueMs / 1000]]),
    ),
    write(
      'fovea_endpoint_compute_seconds_total',
      'counter',
      'Time of the runs of answered requests.',
      each((one) => [[{}, one.totals.computeMs / 1000]]),
    ),
    writeHistogram(all.map((one) => [labelsOf(one), one.latency])),
  ].join('')
}

function writeHistogram(all: readonly [Record<string, string>, VersionCounters['latency']][]): string {
  const name = 'fovea_endpoint_latency_seconds'
  const lines = all.flatMap(([labels, { bounds, counts, sumSeconds, count }]) => [
    ...bounds.map((bound, i) => line(`${name}_bucket`, { ...labels, le: String(bound) }, counts[i]!)),
    line(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    line(`${name}_sum`, labels, sumSeconds),
    line(`${name}_count`, labels, count),
  ])
  return `# HELP ${name} From the arrival of a request to its answer.\n# TYPE ${name} histogram\n${lines.join('')}`
}

const write = (name: string, type: string, help: string, rows: readonly Row[]): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${rows.map(([labels, value]) => line(name, labels, value)).join('')}`

function line(name: string, labels: Record<string, string>, value: number): string {
  const list = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`)
  return `${name}{${list.join(',')}} ${value}\n`
}
