import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { z } from 'zod'
import { FoveaError } from '#base'
import type { Spec } from '#app'
import type { Terminal } from './terminal.ts'

interface JsonSchema {
  type?: string | string[]
  description?: string
  default?: unknown
  enum?: unknown[]
  anyOf?: JsonSchema[]
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
}

/** How one input of an operation is read from text. */
interface InputFlag {
  key: string
  flag: string
  kind: 'boolean' | 'number' | 'text' | 'list' | 'scalar' | 'json'
  description: string
}

/** Lists of names, which hold no commas and may be given with commas between. */
const commaSeparated = new Set(['fields', 'by', 'slices'])

/** Flags for the inputs of an operation, made from its schema. */
export function describeFlags(spec: Spec): InputFlag[] {
  const schema = z.toJSONSchema(spec.input, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  return Object.entries(schema.properties ?? {}).map(([key, property]) => ({
    key,
    flag: key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
    kind: kindOf(property),
    description: describe(property, schema.required?.includes(key) ?? false),
  }))
}

function kindOf(schema: JsonSchema): InputFlag['kind'] {
  if (Array.isArray(schema.type)) return kindOf({ anyOf: schema.type.map((type) => ({ type })) })
  if (schema.anyOf !== undefined) {
    const kinds = new Set(schema.anyOf.filter((option) => option.type !== 'null').map(kindOf))
    return kinds.size === 1 ? [...kinds][0]! : 'scalar'
  }
  if (schema.type === 'boolean') return 'boolean'
  if (schema.type === 'number' || schema.type === 'integer') return 'number'
  if (schema.type === 'array') return schema.items?.type === 'string' ? 'list' : 'json'
  return schema.type === 'object' ? 'json' : 'text'
}

function describe(schema: JsonSchema, required: boolean): string {
  const parts = [schema.description, schema.enum?.map(String).join(' | ')]
  if (schema.default !== undefined && schema.default !== '') parts.push(`default ${JSON.stringify(schema.default)}`)
  else if (required && schema.default === undefined) parts.push('required')
  return parts.filter((part) => part !== undefined).join('; ')
}

/** Adds the flags of an operation to a command, and `--input` for the whole of it as JSON. */
export function addFlags(command: Command, spec: Spec): void {
  for (const { key, flag, kind, description } of describeFlags(spec)) {
    if (kind === 'boolean') {
      command.addOption(new Option(`--${flag}`, description))
      command.addOption(new Option(`--no-${flag}`).hideHelp())
    } else if (kind === 'list') {
      const collect = (value: string, before: string[] | undefined): string[] => [
        ...(before ?? []),
        ...(commaSeparated.has(key) ? value.split(',').map((part) => part.trim()) : [value]),
      ]
      command.addOption(
        new Option(`--${flag} <value>`, `${description}${description === '' ? '' : '; '}may be repeated`).argParser(
          collect,
        ),
      )
    } else
      command.addOption(
        new Option(`--${flag} <${kind === 'number' ? 'n' : kind === 'json' ? 'json' : 'value'}>`, description),
      )
  }
  command.addOption(new Option('--input <json>', 'All inputs as a JSON object; @FILE reads a file, - standard input'))
}

/** The input of an operation from what a command was given. Validation is left to the registry. */
export async function readFlags(
  spec: Spec,
  options: Record<string, unknown>,
  positionals: Record<string, unknown>,
  terminal: Terminal,
): Promise<Record<string, unknown>> {
  const input: Record<string, unknown> =
    typeof options['input'] === 'string' ? await readWhole(options['input'], terminal) : {}
  for (const { key, kind } of describeFlags(spec)) {
    const value = options[key]
    if (value !== undefined) input[key] = typeof value === 'string' ? convert(value, kind) : value
  }
  const given = Object.fromEntries(Object.entries(positionals).filter(([, value]) => value !== undefined))
  for (const { key, kind } of describeFlags(spec)) {
    const value = given[key]
    if (value !== undefined) input[key] = typeof value === 'string' ? convert(value, kind) : value
  }
  return input
}

function convert(text: string, kind: InputFlag['kind']): unknown {
  if (kind === 'number') return /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text
  if (kind === 'scalar') return readScalar(text)
  if (kind !== 'json') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** `12` is a number, `true` a boolean, `null` nothing, `"12"` and everything else text. */
export function readScalar(text: string): string | number | boolean | null {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  if (/^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text)
  const quoted = /^"(.*)"$/s.exec(text)
  return quoted === null ? text : quoted[1]!
}

async function readWhole(text: string, terminal: Terminal): Promise<Record<string, unknown>> {
  const source =
    text === '-'
      ? await terminal.readInput()
      : text.startsWith('@')
        ? await readNamed(resolve(terminal.cwd, text.slice(1)))
        : text
  try {
    const value: unknown = JSON.parse(source)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new FoveaError(
    'INPUT_INVALID',
    `Expected a JSON object for --input, got ${JSON.stringify(source.slice(0, 80))}.`,
    {
      hint: 'For example: --input \'{"query": "width > 640"}\'',
    },
  )
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new FoveaError('SOURCE_UNREADABLE', `The file ${file} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    })
  }
}
