import { isMap, isScalar, type Node } from 'yaml'
import type { z } from 'zod'
import { severity as severitySchema, stage as stageSchema, type Severity, type Stage } from '#contract'
import type { CheckKind } from '../types.ts'
import { suggestName } from './names.ts'
import { toValue, type Parameters } from './parameters.ts'
import { describeNode, type Entry, type Source } from './source.ts'
import type { Located, SuiteCheck } from './types.ts'

/** What every check of a suite takes beside the parameters of its kind. */
export const commonKeys = ['id', 'title', 'severity', 'scope', 'stage', 'against'] as const

export interface Reading {
  source: Source
  parameters: Parameters
  kinds: ReadonlyMap<string, CheckKind>
}

/** A check as the file has it; `dropped` takes an inherited one away. */
export type ReadCheck =
  | { dropped: true; id: string; node: Node | null }
  /** `named`: its id was given; without one, checks of which a suite has many never replace an inherited one. */
  | { dropped: false; named: boolean; replaces: boolean; check: SuiteCheck }

/** Reads one item of `checks`: `dark`, `dark: {max_share: 0.02}`, `check: dark` with its parameters, `expect: …`. */
export function readCheck(reading: Reading, node: Node | null): ReadCheck | undefined {
  const { source, kinds } = reading
  if (isScalar(node) && typeof node.value === 'string') {
    const kind = findKind(reading, node, node.value)
    return kind && build(reading, kind, node, [], null)
  }
  const entries = source.entries(node, 'the name of a check, or a check with its parameters')
  if (entries === undefined) return undefined
  const explicit = entries.find(({ key }) => key === 'check')
  if (explicit !== undefined) {
    const name = toValue(source, reading.parameters, explicit.node)
    if (typeof name !== 'string')
      return source.fault(explicit.node, `Expected the name of a check, got ${describeNode(explicit.node)}.`)
    const kind = findKind(reading, explicit.node, name)
    const rest = entries.filter((entry) => entry !== explicit)
    return kind && build(reading, kind, node, rest, null)
  }
  const named = entries.filter(({ key }) => !isCommon(key))
  const main = named.find(({ key }) => kinds.has(key)) ?? named[0]
  if (main === undefined)
    return source.fault(node, 'Expected the name of a check.', 'Write it as "- check: NAME", with the rest below it.')
  const kind = findKind(reading, main.keyNode, main.key)
  if (kind === undefined) return undefined
  if (isScalar(main.node) && main.node.value === false) {
    const id = entries.find(({ key }) => key === 'id')
    return {
      dropped: true,
      id: id === undefined ? kind.name : String(toValue(source, reading.parameters, id.node)),
      node,
    }
  }
  const rest = entries.filter((entry) => entry !== main)
  if (main.node === null || (isScalar(main.node) && main.node.value === null)) {
    return build(reading, kind, node, rest, null)
  }
  if (kind.shorthand !== undefined && !isMap(main.node)) return build(reading, kind, node, rest, main)
  const inner = source.entries(main.node, `the parameters of ${kind.name}`)
  return inner && build(reading, kind, node, [...inner, ...rest], null)
}

const isCommon = (key: string): boolean => (commonKeys as readonly string[]).includes(key)

function findKind({ source, kinds }: Reading, node: Node | null, name: string): CheckKind | undefined {
  const kind = kinds.get(name)
  if (kind === undefined)
    source.fault(node, `There is no check ${JSON.stringify(name)}.`, suggestName(name, [...kinds.keys()]))
  return kind
}

function build(
  reading: Reading,
  kind: CheckKind,
  node: Node | null,
  entries: readonly Entry[],
  main: Entry | null,
): ReadCheck | undefined {
  const { source, parameters } = reading
  const before = source.problems.length
  const known = Object.keys(kind.parameters.shape)
  const raw: Record<string, unknown> = {}
  const nodes = new Map<string, Node | null>()
  const common = new Map<string, Entry>()
  if (main !== null) {
    raw[kind.shorthand!] = toValue(source, parameters, main.node)
    nodes.set(kind.shorthand!, main.node)
  }
  for (const entry of entries) {
    const { key, keyNode, node: value } = entry
    if (nodes.has(key) || common.has(key)) source.fault(keyNode, `${key} is given twice.`)
    else if (isCommon(key)) common.set(key, entry)
    else if (!known.includes(key)) {
      source.fault(
        keyNode,
        `${kind.name} takes no ${JSON.stringify(key)}.`,
        suggestName(key, [...known, ...commonKeys]),
      )
    } else {
      raw[key] = toValue(source, parameters, value)
      nodes.set(key, value)
    }
  }
  const text = (key: string): string | null => {
    const entry = common.get(key)
    return entry === undefined ? null : (readText(reading, entry.node, key)?.text ?? null)
  }
  const id = text('id')
  if (id !== null && !/^[\w.-]{1,100}$/.test(id))
    source.fault(common.get('id')!.node, 'An id holds letters, digits, "_", "-" and ".", at most 100.')
  const severity = readChoice(reading, common.get('severity')?.node, 'severity', severitySchema)
  const stage = readChoice(reading, common.get('stage')?.node, 'stage', stageSchema)
  const scope = common.has('scope') ? readText(reading, common.get('scope')!.node, 'scope') : undefined
  const against = common.has('against') ? readText(reading, common.get('against')!.node, 'against') : undefined
  const title = text('title')
  if (source.problems.length > before) return undefined

  const result = kind.parameters.safeParse(raw)
  if (!result.success) {
    for (const issue of result.error.issues) {
      const name = String(issue.path[0] ?? '')
      const at = nodes.has(name) ? nodes.get(name)! : node
      const missing = name !== '' && !(name in raw)
      source.fault(
        at,
        missing ? `${kind.name} needs ${name}.` : `${name === '' ? kind.name : name}: ${wordIssue(issue, raw)}`,
        missing ? `Known: ${known.join(', ')}.` : null,
      )
    }
    return undefined
  }
  const check: SuiteCheck = {
    id: id ?? defaultId(kind, result.data),
    kind,
    title,
    severity: (severity as Severity | undefined) ?? null,
    scope: scope ?? null,
    stage: (stage as Stage | undefined) ?? null,
    against: against ?? null,
    parameters: result.data,
    at: source.placeOf(node),
    placeOf: (parameter, offset) =>
      nodes.get(parameter) == null ? source.placeOf(node) : source.placeOf(nodes.get(parameter)!, offset),
  }
  return { dropped: false, named: id !== null, replaces: id !== null || kind.shorthand === undefined, check }
}

/** Stable from run to run, so that trends hold: the kind, or the words of the expectation. */
function defaultId(kind: CheckKind, parameters: Record<string, unknown>): string {
  if (kind.shorthand === undefined) return kind.name
  const words = String(parameters[kind.shorthand])
    .toLowerCase()
    .replaceAll(
      /<=|>=|!=|<|>|=/g,
      (sign) => ({ '<=': ' le ', '>=': ' ge ', '!=': ' ne ', '<': ' lt ', '>': ' gt ' })[sign] ?? ' ',
    )
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-$/, '')
  return words === '' ? kind.name : `${kind.name}-${words}`
}

/** A text of the file with its place. */
export function readText(reading: Reading, node: Node | null | undefined, what: string): Located | undefined {
  const { source, parameters } = reading
  const value = toValue(source, parameters, node ?? null)
  if (typeof value === 'number' || typeof value === 'boolean') return located(source, node!, String(value))
  if (typeof value === 'string') return located(source, node!, value)
  if (value === undefined) return undefined
  return source.fault(node ?? null, `Expected text for ${what}, got ${describeNode(node ?? null)}.`)
}

function located(source: Source, node: Node, text: string): Located {
  return { text, at: (offset) => source.placeOf(node, offset) }
}

/** One of the words a schema allows. */
export function readChoice(
  reading: Reading,
  node: Node | null | undefined,
  what: string,
  schema: z.ZodEnum,
): string | undefined {
  if (node === undefined) return undefined
  const text = readText(reading, node, what)?.text
  const words = schema.options.map(String)
  if (text === undefined || words.includes(text)) return text
  return reading.source.fault(
    node,
    `Expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)} for ${what}, got ${JSON.stringify(text)}.`,
    suggestName(text, words),
  )
}

function wordIssue(issue: z.core.$ZodIssue, root: unknown): string {
  let value: unknown = root
  for (const part of issue.path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[part]
  const got = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value)
  const message = issue.message
    .replace(/, received .*$/, '')
    .replace(/^(Invalid input|Invalid option|Too small|Too big): /, '')
  return `${message}, got ${got.length > 80 ? `${got.slice(0, 77)}…` : got}.`
}
