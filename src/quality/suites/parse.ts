import { isScalar, type Node } from 'yaml'
import { severity as severitySchema, stage as stageSchema, type Severity, type Stage } from '#contract'
import type { CheckKind } from '../types.ts'
import { readCheck, readChoice, readText, type ReadCheck, type Reading } from './checks.ts'
import { inherit, type OwnSuite } from './inherit.ts'
import { suggestName } from './names.ts'
import { readParameters, toValue } from './parameters.ts'
import { describeNode, readSource, suiteError, type Entry } from './source.ts'
import type { SuiteFile } from './types.ts'

const fileKeys = ['version', 'parameters', 'environments', 'suites'] as const
const suiteKeys = ['extends', 'stage', 'scope', 'severity', 'against', 'datasets', 'checks', 'description'] as const

/**
 * Reads a suite file: parameters of the environment put in, inheritance followed. Nothing of the data is needed.
 * Throws SUITE_INVALID with every problem of the file, each with line and column.
 */
export function parseSuiteFile(options: {
  file: string
  text: string
  environment?: string | undefined
  kinds: readonly CheckKind[]
}): SuiteFile {
  const source = readSource(options.file, options.text)
  const kinds = new Map(options.kinds.map((kind) => [kind.name, kind]))
  const refuse = (): never => {
    throw suiteError(options.file, source.problems)
  }
  if (source.problems.length > 0) refuse()
  const top = source.entries(source.root, 'a map with version and suites') ?? refuse()
  const nodes = new Map(top.map((entry) => [entry.key, entry]))
  refuseUnknown(source, top, fileKeys, 'A suite file')
  const version = nodes.get('version')
  if (version === undefined) source.fault(source.root, 'Expected "version: 1" at the top of the file.')
  else if (!isScalar(version.node) || version.node.value !== 1)
    source.fault(version.node, `Expected version 1, got ${describeNode(version.node)}.`, 'This fovea reads version 1.')
  const parameters = readParameters(
    source,
    {
      parameters: nodes.get('parameters')?.node ?? null,
      environments: nodes.get('environments')?.node ?? null,
    },
    options.environment,
  )
  const reading: Reading = { source, parameters, kinds }
  const suites = nodes.has('suites')
    ? (source.entries(nodes.get('suites')!.node, 'names of suites') ?? []).flatMap((entry): OwnSuite[] => {
        const suite = readSuite(reading, entry)
        return suite === undefined ? [] : [suite]
      })
    : []
  if (!nodes.has('suites')) source.fault(source.root, 'Expected "suites:" with at least one suite.')
  const whole = inherit(reading, suites)
  if (source.problems.length > 0) refuse()
  return { file: options.file, environments: parameters.environments, suites: whole }
}

function refuseUnknown(
  source: Reading['source'],
  entries: readonly Entry[],
  known: readonly string[],
  what: string,
): void {
  for (const { key, keyNode } of entries)
    if (!known.includes(key)) source.fault(keyNode, `${what} takes no ${JSON.stringify(key)}.`, suggestName(key, known))
}

function readSuite(reading: Reading, { key, keyNode, node }: Entry): OwnSuite | undefined {
  const { source } = reading
  if (!/^[A-Za-z_][\w.-]*$/.test(key))
    source.fault(
      keyNode,
      `Expected letters, digits, "_", "-" and "." in the name of a suite, got ${JSON.stringify(key)}.`,
    )
  const entries = source.entries(node, `the suite ${key} with its checks`)
  if (entries === undefined) return undefined
  const nodes = new Map(entries.map((entry) => [entry.key, entry.node]))
  refuseUnknown(source, entries, suiteKeys, 'A suite')
  const located = (name: string) => (nodes.has(name) ? (readText(reading, nodes.get(name), name) ?? null) : null)
  const parent = located('extends')
  const list = nodes.get('checks')
  if (list === undefined && parent === null)
    source.fault(keyNode, `The suite ${key} has no checks.`, 'List them under "checks:", or name a suite to extend.')
  return {
    name: key,
    keyNode,
    parent,
    stage: (readChoice(reading, nodes.get('stage'), 'stage', stageSchema) as Stage | undefined) ?? null,
    severity: (readChoice(reading, nodes.get('severity'), 'severity', severitySchema) as Severity | undefined) ?? null,
    scope: located('scope'),
    against: located('against'),
    datasets: nodes.has('datasets') ? readNames(reading, nodes.get('datasets') ?? null) : null,
    checks:
      list === undefined || list === null
        ? []
        : (source.items(list, 'a list of checks') ?? [])
            .map((item) => readCheck(reading, item))
            .filter((read): read is ReadCheck => read !== undefined),
  }
}

function readNames({ source, parameters }: Reading, node: Node | null): string[] {
  const value = toValue(source, parameters, node)
  const list = typeof value === 'string' ? [value] : value
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
  source.fault(node, `Expected a list of names of datasets, got ${describeNode(node)}.`)
  return []
}
