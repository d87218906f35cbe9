import type { z } from 'zod'
import type * as contract from '#contract'
import { formatTable, type Column } from './table.ts'
import { plural, shortTime, size } from './words.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>
type Printer = (output: never, columns: number) => string
type Value = string | number | boolean | null

/** Four digits are enough to tell two runs apart. */
const round = (value: number): string => String(Number(value.toPrecision(4)))
const say = (value: Value): string => (typeof value === 'number' ? round(value) : value === null ? '' : String(value))

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 100) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 100
    ? `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

const runColumns: Column<contract.RunRecord>[] = [
  { title: 'RUN', value: (r) => r.id },
  { title: 'KIND', value: (r) => r.kind },
  { title: 'NAME', value: (r) => (r.parent === null ? r.name : `└ ${r.name}`) },
  { title: 'STATE', value: (r) => r.state },
  { title: 'STARTED', value: (r) => shortTime(r.startedAt) },
  { title: 'TOOK', value: (r) => duration(r.durationMs), right: true },
  {
    title: 'METRICS',
    value: (r) =>
      Object.entries(r.metrics)
        .map(([name, value]) => `${name} ${round(value)}`)
        .join('  '),
  },
]

function printRuns({ runs, total }: Output<typeof contract.listRuns>, columns: number): string {
  if (total === 0) return 'No run fits. Runs are made by training, evaluation and gates.\n'
  const more =
    runs.length < total ? `… ${(total - runs.length).toLocaleString('en')} more; see them with --limit\n` : ''
  return formatTable(runs, runColumns, columns) + more
}

/** A heading and the pairs that have a value; nothing where there are none. */
function section(title: string, pairs: readonly (readonly [string, Value])[], columns: number): string {
  const said = pairs.filter(([, value]) => value !== null && value !== '')
  if (said.length === 0) return ''
  const table = formatTable(
    said,
    [
      { title, value: ([name]) => name },
      { title: 'VALUE', value: ([, value]) => say(value) },
    ],
    columns,
  )
  return `\n${table}`
}

function printRun({ run, children, artefacts }: Output<typeof contract.showRun>, columns: number): string {
  const { data, environment: on } = run
  const head = `${run.id}: ${run.kind} ${run.name}, ${run.state}, ${duration(run.durationMs)}\n`
  const error =
    run.error === null
      ? ''
      : `error ${run.error.code}: ${run.error.message}\n${run.error.hint === undefined ? '' : `${run.error.hint}\n`}`
  const facts: [string, Value][] = [
    ['experiment', run.experiment],
    ['started', shortTime(run.startedAt)],
    ['ended', run.endedAt === null ? null : shortTime(run.endedAt)],
    ['by', run.actor],
    ['model', run.model],
    ['dataset', data?.dataset ?? null],
    ['query', data?.query ?? null],
    ['samples', data === null ? null : `${data.samples} to learn from, ${data.validation} held out`],
    ['data', data?.digest.slice(0, 16) ?? null],
    ['part of', run.parent],
    ['memory', run.peakMemoryBytes === null ? null : size(run.peakMemoryBytes)],
    ['on', `fovea ${on.fovea}, Node ${on.node}, ${on.platform}, ${plural(on.cpus, 'core')}`],
    ['revision', on.revision],
    ...Object.entries(run.tags).map(([name, value]): [string, Value] => [`tag ${name}`, value]),
  ]
  return [
    head,
    error,
    section('FACT', facts, columns),
    section('PARAMETER', Object.entries(run.params), columns),
    section('METRIC', Object.entries(run.metrics), columns),
    section(
      'ARTEFACT',
      artefacts.map(({ name, bytes }) => [name, size(bytes)]),
      columns,
    ),
    children.length === 0
      ? ''
      : `\n${plural(children.length, 'run')} below it: fovea runs list --parent ${run.id} --order METRIC\n`,
    run.call === null ? '' : `\nRun it again with: fovea runs rerun ${run.id}\n`,
  ].join('')
}

const bars = '▁▂▃▄▅▆▇█'

/** A curve in one line, from its lowest to its highest value. */
function sparkline(values: readonly number[], width: number): string {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const count = Math.min(width, values.length)
  return Array.from({ length: count }, (_, i) => {
    const value = values[Math.floor((i * values.length) / count)]!
    return bars[high === low ? 0 : Math.round(((value - low) / (high - low)) * (bars.length - 1))]!
  }).join('')
}

function printHistory({ run, curves }: Output<typeof contract.readRunHistory>, columns: number): string {
  if (curves.length === 0) return `${run} has no metric.\n`
  return formatTable(
    curves,
    [
      { title: 'METRIC', value: (c) => c.metric },
      { title: 'VALUES', value: (c) => c.total, right: true },
      { title: 'FIRST', value: (c) => round(c.values[0]!), right: true },
      { title: 'LOWEST', value: (c) => round(c.values.reduce((a, b) => Math.min(a, b))), right: true },
      { title: 'HIGHEST', value: (c) => round(c.values.reduce((a, b) => Math.max(a, b))), right: true },
      { title: 'LAST', value: (c) => round(c.values.at(-1)!), right: true },
      { title: 'CURVE', value: (c) => sparkline(c.values, 40) },
    ],
    columns,
  )
}

/** Runs beside each other, as many as can be read in one line. */
const beside = 5

function printComparison(o: Output<typeof contract.compareRuns>, columns: number): string {
  const parts: string[] = []
  for (let from = 0; from < o.runs.length; from += beside) {
    const some = o.runs.slice(from, from + beside)
    const rows: { name: string; values: string[] }[] = [
      { name: 'name', values: some.map((run) => run.name) },
      ...[...o.params, ...o.facts].map(({ name, values }) => ({
        name,
        values: values.slice(from, from + beside).map(say),
      })),
      ...o.metrics.map(({ name, values, better, best }) => ({
        name: better === 'lower' ? `${name} ↓` : name,
        values: values
          .slice(from, from + beside)
          .map((value, i) => `${say(value)}${best.includes(from + i) ? ' *' : '  '}`),
      })),
    ]
    parts.push(
      formatTable(
        rows,
        [
          { title: '', value: (row) => row.name },
          ...some.map((run, i) => ({
            title: run.id,
            value: (row: (typeof rows)[number]) => row.values[i]!,
            right: true,
          })),
        ],
        columns,
      ),
    )
  }
  return `${parts.join('\n')}\n* best${o.metrics.some((metric) => metric.better === 'lower') ? ', ↓ less is better' : ''}\n`
}

export const runPrinters: Record<string, Printer> = {
  'run.list': printRuns,
  'run.show': printRun,
  'run.history': printHistory,
  'run.compare': printComparison,
  'run.remove': ({ removed }: Output<typeof contract.removeRuns>) => `Removed ${removed.join(', ')}.\n`,
  'run.artefacts': ({ run, artefacts }: Output<typeof contract.listRunArtefacts>, columns) =>
    artefacts.length === 0
      ? `${run} left no files.\n`
      : formatTable(
          artefacts,
          [
            { title: 'ARTEFACT', value: (a) => a.name },
            { title: 'BYTES', value: (a) => a.bytes, right: true },
          ],
          columns,
        ),
  'run.artefact': ({ text }: Output<typeof contract.readRunArtefact>) => (text.endsWith('\n') ? text : `${text}\n`),
}
