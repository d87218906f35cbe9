import { stringify } from 'yaml'
import type { CheckKind } from '../types.ts'
import type { LearnedCheck, LeftOut } from './learn.ts'

/** A suite file in words: every check with what was seen of it. */
export function writeSuiteText(suite: {
  name: string
  dataset: string
  samples: number
  /** ISO 8601 */
  at: string
  /** Path of the JSON schema, from the folder of the file. */
  schema: string
  checks: readonly LearnedCheck[]
  leftOut: readonly LeftOut[]
  comparing: readonly CheckKind[]
}): string {
  const lines = [
    `# yaml-language-server: $schema=${suite.schema}`,
    `# Data tests of ${comment(suite.dataset)}, learned from its ${suite.samples} samples on ${suite.at.slice(0, 10)}.`,
    '# Bounds are what was seen and some room: read them, and set those that matter to what you need.',
    '# Run: fovea check. All checks and their parameters: fovea checks. The language of scopes: docs/query-language.md.',
    'version: 1',
    'suites:',
    `  ${suite.name}:`,
    `    datasets: ${inline([suite.dataset])}`,
    '    checks:',
    ...suite.checks.flatMap(writeCheck),
  ]
  if (suite.leftOut.length > 0) {
    lines.push('', '      # Left out for now:')
    for (const { name, why } of suite.leftOut) lines.push(`      #   ${name}: ${comment(why)}`)
  }
  if (suite.comparing.length > 0) {
    lines.push(
      '',
      '      # With data to compare with (against: VERSION or SLICE below the name of the suite, or --against):',
    )
    for (const kind of suite.comparing) lines.push(`      # - ${kind.name}`)
  }
  return `${lines.join('\n')}\n`
}

function writeCheck({ name, parameters, severity, why }: LearnedCheck): string[] {
  const comments = why.map((line) => `      # ${comment(line)}`)
  const more = severity === undefined ? [] : [`        severity: ${severity}`]
  if (typeof parameters['that'] === 'string' && Object.keys(parameters).length === 1)
    return ['', ...comments, `      - ${name}: ${inline(parameters['that'])}`, ...more]
  if (Object.keys(parameters).length === 0) return ['', ...comments, `      - ${name}`, ...more]
  const block = stringify(parameters, { lineWidth: 0, flowCollectionPadding: true })
    .trimEnd()
    .split('\n')
    .map((line) => `          ${line}`)
  return ['', ...comments, `      - ${name}:`, ...block, ...more]
}

/** One line of YAML. */
const inline = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()

/** Text that stays on its line. */
const comment = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
