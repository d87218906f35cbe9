import { z } from 'zod'
import { severity, stage } from '#contract'
import { commonKeys } from './checks.ts'
import type { CheckKind } from '../types.ts'

type Json = Record<string, unknown>

const text = { type: 'string' } as const
const reference = { $ref: '#/$defs/any/$defs/reference' }

/** JSON schema of the parameters of a kind; every value may be a `${name}`. */
export function parameterSchema(kind: CheckKind): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(kind.parameters, { io: 'input', unrepresentable: 'any' }) as Json
  return schema
}

/** JSON schema (2020-12) of suite files, made from the kinds, for completion in editors. */
export function describeFile(kinds: readonly CheckKind[]): Json {
  const any: Json = {
    reference: { type: 'string', pattern: '\\$\\{[^}]*\\}', description: 'A parameter, in quotes inside { … }' },
    id: { ...text, pattern: '^[A-Za-z0-9_.-]{1,100}$', description: 'Unique in the suite; trends follow it' },
    title: text,
    severity: { enum: severity.options, description: 'What it counts for when it finds something' },
    scope: { ...text, description: 'Query: look only at these samples' },
    stage: { enum: stage.options },
    against: {
      ...text,
      description:
        'A version (v3, a tag, version:REF), a slice (NAME, slice:NAME), dataset:NAME or a query to compare with',
    },
  }
  const common = Object.fromEntries(commonKeys.map((key) => [key, { $ref: `#/$defs/any/$defs/${key}` }]))
  const definitions = Object.fromEntries(kinds.map((kind) => [kind.name, describeKind(kind, common)]))
  const items = {
    anyOf: [
      { enum: kinds.filter(hasDefaults).map((kind) => kind.name), description: 'A check with its defaults' },
      ...kinds.map((kind) => ({ $ref: `#/$defs/${kind.name}` })),
      ...kinds.map((kind) => ({ $ref: `#/$defs/${kind.name}/$defs/long` })),
    ],
  }
  const suite = {
    type: 'object',
    additionalProperties: false,
    properties: {
      description: text,
      extends: { ...text, description: 'Suite whose settings and checks this one takes over' },
      stage: { enum: stage.options },
      scope: any['scope'],
      severity: { enum: severity.options, description: 'For checks that set none themselves' },
      against: any['against'],
      datasets: { type: 'array', items: text, description: 'Datasets it is for; any when left out' },
      checks: { type: 'array', items },
    },
  }
  const values = {
    type: 'object',
    additionalProperties: {
      anyOf: [
        { type: ['string', 'number', 'boolean', 'null'] },
        { type: 'array', items: { type: ['string', 'number', 'boolean'] } },
      ],
    },
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'fovea.checks.yaml',
    description: 'Data tests of fovea',
    type: 'object',
    required: ['version', 'suites'],
    additionalProperties: false,
    properties: {
      version: { const: 1 },
      parameters: { ...values, description: 'Values for ${name}' },
      environments: { type: 'object', additionalProperties: { anyOf: [values, { type: 'null' }] } },
      suites: { type: 'object', additionalProperties: suite },
    },
    $defs: { any: { $defs: any }, ...definitions },
  }
}

function describeKind(kind: CheckKind, common: Json): Json {
  const own = parameterSchema(kind)
  const named = Object.entries((own['properties'] ?? {}) as Json)
  const values = Object.fromEntries(named.map(([name, schema]) => [name, { anyOf: [schema, reference] }]))
  const properties = Object.fromEntries(
    named.map(([name]) => [name, { $ref: `#/$defs/${kind.name}/$defs/parameters/properties/${name}` }]),
  )
  const required = (own['required'] ?? []) as string[]
  const nested = { type: 'object', additionalProperties: false, properties: { ...properties, ...common }, required }
  const short: Json[] = [nested, ...(required.length === 0 ? [{ type: 'null' }] : []), { const: false }]
  if (kind.shorthand !== undefined) short.unshift(properties[kind.shorthand] as Json)
  return {
    type: 'object',
    description: `${kind.title}. ${kind.about}`,
    additionalProperties: false,
    required: [kind.name],
    properties: { [kind.name]: { anyOf: short }, ...common, ...(kind.shorthand === undefined ? {} : properties) },
    $defs: {
      parameters: { properties: values },
      long: {
        type: 'object',
        additionalProperties: false,
        required: ['check', ...required],
        properties: { check: { const: kind.name, description: kind.about }, ...properties, ...common },
      },
    },
  }
}

const hasDefaults = (kind: CheckKind): boolean => kind.parameters.safeParse({}).success
