import type { FastifyInstance } from 'fastify'
import { outcome as outcomes, type ReportSummary } from '#contract'
import { readVersion, type App } from '#app'
import { escapeLabel } from './metrics-text.ts'
import { writeServingMetrics } from './serving-metrics.ts'

/** `GET /metrics`: the newest report of every suite on every dataset, and the endpoints, in the text format of Prometheus (0.0.4). */
export function addMetricsRoutes(server: FastifyInstance, app: App): void {
  server.get('/metrics', async (request, reply) => {
    const { reports } = (await app.call('check.history', { limit: 1_000 }, request.caller)) as {
      reports: ReportSummary[]
    }
    const endpoints = await (await app.serving()).counters()
    return reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(writeMetrics(reports) + writeServingMetrics(endpoints))
  })
}

type Sample = [labels: Record<string, string>, value: number]

/** Newest first. */
function writeMetrics(reports: readonly ReportSummary[]): string {
  const newest = new Map<string, ReportSummary>()
  for (const report of reports) {
    const key = JSON.stringify([report.suite, report.dataset])
    if (!newest.has(key)) newest.set(key, report)
  }
  const latest = [...newest.values()]
  const ofReports = (value: (report: ReportSummary) => number): Sample[] =>
    latest.map((report) => [{ suite: report.suite, dataset: report.dataset }, value(report)])
  const ofChecks = (values: (check: ReportSummary['values'][number]) => Sample[]): Sample[] =>
    latest.flatMap((report) =>
      report.values.flatMap((check) =>
        values(check).map(([labels, value]): Sample => [
          { suite: report.suite, check: check.id, dataset: report.dataset, ...labels },
          value,
        ]),
      ),
    )
  return [
    writeGauge('fovea_info', 'Version of fovea.', [[{ version: readVersion() }, 1]]),
    writeGauge(
      'fovea_check_outcome',
      'Outcome of a check in the newest report: 1 for the one it has, 0 for the others.',
      ofChecks((check) => outcomes.options.map((name) => [{ outcome: name }, name === check.outcome ? 1 : 0])),
    ),
    writeGauge(
      'fovea_check_value',
      'Figure that a check holds against its bound.',
      ofChecks((check) => (check.value === null ? [] : [[{}, check.value]])),
    ),
    writeGauge(
      'fovea_check_gate',
      'Whether the data may pass.',
      ofReports((report) => Number(report.gate)),
    ),
    writeGauge(
      'fovea_check_last_run_timestamp_seconds',
      'When a suite was last run, Unix time.',
      ofReports((report) => Date.parse(report.at) / 1000),
    ),
    writeGauge(
      'fovea_check_duration_seconds',
      'How long the newest run of a suite took.',
      ofReports((report) => report.ms / 1000),
    ),
    writeGauge(
      'fovea_check_samples',
      'Samples in the scope of the newest run of a suite.',
      ofReports((report) => report.samples),
    ),
  ].join('')
}

function writeGauge(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const list = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`)
    return `${name}{${list.join(',')}} ${value}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}
