import type { z } from 'zod'
import type * as contract from '#contract'
import { describeQueryNames } from '#contract'
import { formatScalar } from './print-stats.ts'
import { formatTable, type Column } from './table.ts'
import { plural } from './words.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>

/** Queries up to here are printed; longer ones name samples one by one. */
const longestQuery = 1_000
const shownFindings = 5
const shortTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ')
const worstFirst: readonly contract.Outcome[] = ['fail', 'error', 'warn', 'empty', 'info', 'pass']
const inShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const resultColumns: Column<contract.CheckResult>[] = [
  { title: 'OUTCOME', value: (c) => c.outcome },
  { title: 'CHECK', value: (c) => c.id },
  { title: 'VALUE', value: (c) => (c.value === null ? '' : formatScalar(c.value)), right: true },
  { title: 'BOUND', value: (c) => c.bound ?? '' },
  { title: 'FOUND', value: (c) => (c.looked === 0 ? '' : `${c.found} of ${c.looked} ${c.unit}`) },
]

/** A report as a table, and below it what every check that did not pass found and how to find it again. */
function printReport(report: contract.Report, columns: number): string {
  const checks = report.checks.toSorted((a, b) => worstFirst.indexOf(a.outcome) - worstFirst.indexOf(b.outcome))
  const counts = worstFirst.flatMap((outcome) => {
    const count = report.counts[outcome]
    return count === 0 ? [] : [`${count} ${outcome}`]
  })
  const facts = [
    `${report.suite} on ${report.dataset}: ${plural(report.samples, 'sample')}`,
    ...(report.scope === '' ? [] : [`scope ${report.scope}`]),
    ...(report.against === null ? [] : [`against ${report.against}`]),
  ]
  const told = checks.filter((check) => check.outcome !== 'pass').map((check) => printResult(check, report.dataset))
  return [
    `${facts.join(', ')}\n\n`,
    formatTable(checks, resultColumns, columns),
    ...told.map((text) => `\n${text}`),
    `\n${counts.join(', ')} in ${(report.ms / 1000).toFixed(1)} s. Report ${report.id}: the data ${report.gate ? 'may pass' : 'do not pass'}.\n`,
  ].join('')
}

function printResult(check: contract.CheckResult, dataset: string): string {
  const lines = [`${check.outcome} ${check.id}: ${check.message}`]
  if (check.error !== null) lines.push(`  because: ${check.error}`)
  for (const { sample, path, label, other, what } of check.findings.slice(0, shownFindings)) {
    const where = [sample, label, path, ...(other === null ? [] : ['and', other.sample, other.path])]
    const place = where.filter((part) => part !== null).join(' ')
    lines.push(`  ${place}${place === '' ? '' : ': '}${what}`)
  }
  if (check.findings.length > shownFindings)
    lines.push(`  … ${plural(check.found - shownFindings, 'more')}`.replace(/s$/, ''))
  if (check.query !== null)
    lines.push(
      check.query.length > longestQuery
        ? '  find: its query names the samples one by one; it stands in --report FILE and --json'
        : `  find: fovea query ${inShell(check.query)} --dataset ${inShell(dataset)}`,
    )
  const names = describeQueryNames(check)
  if (names !== null) lines.push(`  note: ${names}`)
  if (check.hint !== null) lines.push(`  hint: ${check.hint}`)
  return `${lines.join('\n')}\n`
}

/** `max_share=0` for every parameter with a default, the name alone for those without. */
function describeParameters(schema: Record<string, unknown>): string {
  const properties = (schema['properties'] ?? {}) as Record<string, { default?: unknown }>
  return Object.entries(properties)
    .map(([name, property]) => (property.default === undefined ? name : `${name}=${JSON.stringify(property.default)}`))
    .join(' ')
}

export const checkPrinters: Readonly<Record<string, (output: never, columns: number) => string>> = {
  'check.run': printReport,
  'check.report': (o: Output<typeof contract.showReport>, columns) => o.text ?? printReport(o.report, columns),
  'check.list': ({ checks }: Output<typeof contract.listChecks>, columns) =>
    formatTable(
      checks,
      [
        { title: 'CHECK', value: (c) => c.name },
        { title: 'GROUP', value: (c) => c.group },
        { title: 'SEVERITY', value: (c) => c.severity },
        { title: 'WHAT', value: (c) => c.title },
        { title: 'NEEDS', value: (c) => c.needs.join(', ') },
        { title: 'PARAMETERS', value: (c) => describeParameters(c.parameters) },
      ],
      columns,
    ),
  'check.suites': ({ file, suites }: Output<typeof contract.listSuites>, columns) =>
    `${file}\n${formatTable(
      suites,
      [
        { title: 'SUITE', value: (s) => s.name },
        { title: 'EXTENDS', value: (s) => s.extends ?? '' },
        { title: 'STAGE', value: (s) => s.stage ?? '' },
        { title: 'CHECKS', value: (s) => s.checks.length, right: true },
        { title: 'DATASETS', value: (s) => s.datasets.join(', ') },
        { title: 'SCOPE', value: (s) => s.scope },
      ],
      columns,
    )}`,
  'check.history': ({ reports }: Output<typeof contract.checkHistory>, columns) =>
    reports.length === 0
      ? 'No suite was run yet. Run one: fovea check\n'
      : formatTable(
          reports,
          [
            { title: 'REPORT', value: (r) => r.id },
            { title: 'WHEN', value: (r) => shortTime(r.at) },
            { title: 'SUITE', value: (r) => r.suite },
            { title: 'DATASET', value: (r) => r.dataset },
            { title: 'OUTCOME', value: (r) => r.outcome },
            { title: 'SAMPLES', value: (r) => r.samples, right: true },
            { title: 'SCOPE', value: (r) => r.scope },
          ],
          columns,
        ),
  'check.init': (o: Output<typeof contract.initChecks>) =>
    `Wrote ${o.file}: suite ${o.suite}, ${plural(o.checks, 'check')} with bounds learned from the data. Next: fovea check\n`,
}
