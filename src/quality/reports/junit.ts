import { describeQueryNames, type CheckResult, type Report } from '#contract'
import { escapeMarkup } from './escape.ts'
import { outcomeWords } from './plain-words.ts'
import { describeFound, formatValue } from './words.ts'

const mostNamed = 10

/**
 * A report as JUnit XML (the schema of Jenkins' xunit plugin, junit-10.xsd): one test suite, one test case a check in the order of
 * the suite. A failed check is a failure, one that could not be done an error, one with nothing to look at is skipped; warnings and
 * notes pass and are told in system-out.
 */
export function writeJunit(report: Report): string {
  const count = (outcome: CheckResult['outcome']): number =>
    report.checks.filter((check) => check.outcome === outcome).length
  const counts = { tests: report.checks.length, failures: count('fail'), errors: count('error') }
  const time = seconds(report.ms)
  const properties: [string, string | null][] = [
    ['dataset', report.dataset],
    ['scope', report.scope],
    ['against', report.against],
    ['stage', report.stage],
    ['environment', report.environment],
    ['report', report.id],
    ['samples', String(report.samples)],
    ['gate', report.gate ? 'pass' : 'stop'],
  ]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'fovea check', time, ...counts })}>`,
    `<testsuite${attributes({
      name: `${report.dataset}: ${report.suite}`,
      ...counts,
      skipped: count('empty'),
      time,
      timestamp: report.at.replace(/(\.\d+)?(Z|[+-]\d\d:?\d\d)$/, ''),
      id: report.id,
    })}>`,
    '<properties>',
    ...properties.flatMap(([name, value]) =>
      value === null ? [] : [`<property name="${name}" value="${escapeMarkup(value)}"/>`],
    ),
    '</properties>',
    ...report.checks.map((check) => writeCase(check, report)),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function writeCase(check: CheckResult, { dataset, suite }: Report): string {
  const said = escapeMarkup(check.outcome === 'error' ? (check.error ?? check.message) : check.message)
  const tail =
    check.outcome === 'fail'
      ? `<failure message="${said}" type="${escapeMarkup(check.check)}">${escapeMarkup(describeCheck(check))}</failure>`
      : check.outcome === 'error'
        ? `<error message="${said}" type="${escapeMarkup(check.check)}">${escapeMarkup(describeCheck(check))}</error>`
        : check.outcome === 'empty'
          ? `<skipped message="${said}"/>`
          : ''
  return [
    `<testcase${attributes({ name: `${check.title} (${check.id})`, classname: `${dataset}.${suite}.${check.check}`, time: seconds(check.ms) })}>`,
    tail,
    `<system-out>${escapeMarkup(describeCheck(check))}</system-out>`,
    '</testcase>',
  ]
    .filter((line) => line !== '')
    .join('\n')
}

/** What was found, in lines. */
function describeCheck(check: CheckResult): string {
  const named = check.findings.slice(0, mostNamed)
  const names = describeQueryNames(check)
  return [
    `${outcomeWords[check.outcome]}: ${check.message}`,
    ...(check.error === null ? [] : [`error: ${check.error}`]),
    ...(check.bound === null ? [] : [`value: ${formatValue(check.value)}, bound: ${check.bound}`]),
    `found: ${describeFound(check)}`,
    ...(check.query === null ? [] : [`query: ${check.query}`]),
    ...(names === null ? [] : [names]),
    ...named.map(
      ({ path, sample, other, what }) =>
        `- ${path ?? sample ?? 'dataset'}${other === null ? '' : ` and ${other.path}`}: ${what}`,
    ),
    ...(check.hint === null ? [] : [`hint: ${check.hint}`]),
  ].join('\n')
}

const seconds = (ms: number): string => (Math.max(0, ms) / 1_000).toFixed(3)

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeMarkup(String(value))}"`)
    .join('')
}
