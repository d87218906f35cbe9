import type { z } from 'zod'
import type * as contract from '#contract'
import { formatTable, type Column } from './table.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>
type Printer = (output: never, columns: number) => string
type Endpoint = contract.Endpoint

const shortTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ')
const milliseconds = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(1))

/** What answers, else what should. */
const served = ({ serving, settings }: Endpoint): string => {
  const primary = serving.find(({ role }) => role === 'primary')
  return primary === undefined ? settings.model : `${primary.model}:${primary.version}`
}

const endpointColumns: Column<Endpoint>[] = [
  { title: 'ENDPOINT', value: (e) => e.name },
  { title: 'STATE', value: (e) => (e.problem === null ? e.state : `${e.state}, ${e.problem.code}`) },
  { title: 'SERVES', value: served },
  { title: 'FOLLOWS', value: (e) => e.settings.model },
  {
    title: 'CANARY',
    value: ({ settings: { canary } }) =>
      canary === null ? '' : `${canary.model} ${Number((100 * canary.share).toPrecision(3))} %`,
  },
  { title: 'SHADOW', value: (e) => e.settings.shadow ?? '' },
  { title: 'KEYS', value: (e) => e.keys.length, right: true },
]

function printEndpoint({ endpoint: e }: { endpoint: Endpoint }, columns: number): string {
  const { batching, queueLimit, timeoutMs, threshold } = e.settings
  const lines = [
    formatTable([e], endpointColumns, columns).trimEnd(),
    '',
    `batches of up to ${batching.maxSize}, waiting at most ${batching.maxDelayMs} ms; queue of ${queueLimit}; answers within ${timeoutMs} ms${threshold === null ? '' : `; threshold ${threshold}`}`,
    ...(e.problem === null ? [] : [`${e.problem.reference} (${e.problem.role}): ${e.problem.message}`]),
  ]
  const section = <R>(rows: readonly R[], shape: Column<R>[]): string =>
    rows.length === 0 ? '' : `\n${formatTable(rows, shape, columns)}`
  return [
    `${lines.join('\n')}\n`,
    section(e.keys, [
      { title: 'KEY', value: (key) => key.id },
      { title: 'FOR', value: (key) => key.label },
      { title: 'A MINUTE', value: (key) => key.ratePerMinute ?? 'any', right: true },
      { title: 'MADE', value: (key) => shortTime(key.createdAt) },
    ]),
    section(e.history.toReversed(), [
      { title: 'SERVED', value: (one) => `${one.model}:${one.version}` },
      { title: 'AS', value: (one) => one.reference },
      { title: 'SINCE', value: (one) => shortTime(one.at) },
      { title: 'BY', value: (one) => one.actor },
    ]),
  ].join('')
}

function printStatistics(
  { name, state, versions }: Output<typeof contract.endpointStatistics>,
  columns: number,
): string {
  if (versions.length === 0) return `${name} is ${state}: counts begin when a server starts.\n`
  return formatTable(
    versions,
    [
      { title: 'VERSION', value: (v) => `${v.model}:${v.version}` },
      { title: 'ROLE', value: (v) => v.role },
      { title: 'REQUESTS', value: (v) => v.requests, right: true },
      { title: 'FAILED', value: (v) => Object.values(v.failures).reduce((sum, n) => sum + n, 0), right: true },
      { title: 'A RUN', value: (v) => (v.runs === 0 ? '' : (v.pictures / v.runs).toFixed(1)), right: true },
      { title: 'P50 MS', value: (v) => milliseconds(v.latencyMs?.p50), right: true },
      { title: 'P95 MS', value: (v) => milliseconds(v.latencyMs?.p95), right: true },
      { title: 'P99 MS', value: (v) => milliseconds(v.latencyMs?.p99), right: true },
    ],
    columns,
  )
}

/** Texts for the operations of serving. */
export const servingPrinters: Readonly<Record<string, Printer>> = {
  'serving.list': ({ endpoints }: Output<typeof contract.listEndpoints>, columns) =>
    endpoints.length === 0
      ? 'Nothing is served. Serve a model with: fovea endpoints deploy NAME MODEL\n'
      : formatTable(endpoints, endpointColumns, columns),
  'serving.show': printEndpoint,
  'serving.deploy': printEndpoint,
  'serving.rollback': printEndpoint,
  'serving.remove': ({ removed }: Output<typeof contract.removeEndpoint>) => `Removed endpoint ${removed}.\n`,
  'serving.key-add': ({ id, key }: Output<typeof contract.addEndpointKey>) =>
    `${key}\nThis is ${id}, shown this once. Send it as "Authorization: Bearer KEY" or "X-API-Key: KEY".\n`,
  'serving.key-remove': ({ removed }: Output<typeof contract.removeEndpointKey>) => `Removed ${removed}.\n`,
  'serving.stats': printStatistics,
}
