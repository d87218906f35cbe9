import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { suggestName } from './names.ts'
import { describeNode, type Source } from './source.ts'

export type ParameterValue = string | number | boolean | null | (string | number | boolean)[]

/** Values of `${name}` in the environment chosen. */
export interface Parameters {
  environments: string[]
  values: ReadonlyMap<string, ParameterValue>
}

const reference = /\$\{([^}]*)\}/g

/** Reads `parameters` and `environments`. An environment may only set what `parameters` declares. */
export function readParameters(
  source: Source,
  nodes: { parameters: Node | null; environments: Node | null },
  environment: string | undefined,
): Parameters {
  const values = new Map<string, ParameterValue>()
  const readInto = (node: Node | null, what: string, target: Map<string, ParameterValue>): void => {
    for (const { key, keyNode, node: value } of source.entries(node, what) ?? []) {
      if (target === values || values.has(key)) {
        const read = readValue(source, value, key)
        if (read !== undefined) target.set(key, read)
      } else
        source.fault(
          keyNode,
          `There is no parameter ${JSON.stringify(key)} to set.`,
          `${suggestName(key, [...values.keys()])} Give every parameter a value under "parameters" first.`,
        )
    }
  }
  if (nodes.parameters !== null) readInto(nodes.parameters, 'names and values under "parameters"', values)
  const environments = new Map<string, Map<string, ParameterValue>>()
  for (const { key, node } of nodes.environments === null
    ? []
    : (source.entries(nodes.environments, 'names of environments') ?? [])) {
    const own = new Map<string, ParameterValue>()
    if (node !== null && !(isScalar(node) && node.value === null))
      readInto(node, `parameters of the environment ${key}`, own)
    environments.set(key, own)
  }
  if (environment !== undefined) {
    const chosen = environments.get(environment)
    if (chosen === undefined)
      source.fault(
        nodes.environments,
        `There is no environment ${JSON.stringify(environment)}.`,
        environments.size === 0 ? 'The file has none.' : suggestName(environment, [...environments.keys()]),
      )
    for (const [key, value] of chosen ?? []) values.set(key, value)
  }
  return { environments: [...environments.keys()], values }
}

function readValue(source: Source, node: Node | null, name: string): ParameterValue | undefined {
  const plain = (one: Node | null): string | number | boolean | undefined => {
    const value = isScalar(one) ? one.value : undefined
    if (typeof value === 'string' && value.search(reference) >= 0)
      return source.fault(one, `The parameter ${name} may not refer to another one.`, 'Write its value.')
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
    return source.fault(one, `Expected text, a number, true or false for ${name}, got ${describeNode(one)}.`)
  }
  if (node === null || (isScalar(node) && node.value === null)) return null
  if (!isSeq(node)) return plain(node)
  const list = node.items.map((item) => plain(source.follow(item)))
  return list.every((item) => item !== undefined) ? list : undefined
}

/** A node as a plain value with `${name}` replaced: whole texts take the value as it is, parts of texts its words. */
export function toValue(source: Source, parameters: Parameters, node: Node | null, depth = 0): unknown {
  if (depth > 20) return source.fault(node, 'Expected at most 20 levels of lists and maps.')
  if (node === null) return null
  if (isSeq(node)) return node.items.map((item) => toValue(source, parameters, source.follow(item), depth + 1))
  if (isMap(node)) {
    return Object.fromEntries(
      (source.entries(node, 'a map') ?? []).map(({ key, node: value }) => [
        key,
        toValue(source, parameters, value, depth + 1),
      ]),
    )
  }
  if (!isScalar(node) || typeof node.value !== 'string') return isScalar(node) ? node.value : undefined
  return replaceReferences(source, parameters, node, node.value)
}

function replaceReferences(source: Source, { values }: Parameters, node: Node, text: string): unknown {
  const find = (name: string, offset: number): ParameterValue | undefined => {
    const value = values.get(name.trim())
    if (value === undefined)
      source.fault(
        source.placeOf(node, offset),
        `There is no parameter ${JSON.stringify(name.trim())}.`,
        values.size === 0 ? 'Declare it under "parameters".' : suggestName(name.trim(), [...values.keys()]),
      )
    return value
  }
  const whole = /^\$\{([^}]*)\}$/.exec(text)
  if (whole !== null) return find(whole[1]!, 0)
  return text.replace(reference, (_, name: string, offset: number) => {
    const value = find(name, offset)
    if (Array.isArray(value))
      source.fault(source.placeOf(node, offset), `${name.trim()} is a list, which cannot stand inside a text.`)
    return value === undefined || value === null ? '' : String(value)
  })
}
