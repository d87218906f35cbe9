/** The part of JSON Schema that inputs of operations use. */
export interface JsonSchema {
  type?: string | string[]
  description?: string
  default?: unknown
  enum?: unknown[]
  anyOf?: JsonSchema[]
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
}

export interface FormField {
  key: string
  kind: 'text' | 'number' | 'boolean' | 'choice' | 'value' | 'json'
  description: string
  required: boolean
  choices: string[]
  /** As text; empty where there is none. */
  initial: string
}

/** Fields of a form for an operation's input. The dataset is filled in from the page. */
export function listFields(schema: JsonSchema, dataset: string | null): FormField[] {
  return Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const kind = kindOf(property)
    const given = key === 'dataset' ? dataset : property.default
    return {
      key,
      kind,
      description: property.description ?? '',
      required: (schema.required?.includes(key) ?? false) && property.default === undefined,
      choices: (property.enum ?? []).map(String),
      initial: given === undefined || given === null ? '' : typeof given === 'string' ? given : JSON.stringify(given),
    }
  })
}

function kindOf({ type, enum: choices, anyOf }: JsonSchema): FormField['kind'] {
  if (choices !== undefined) return 'choice'
  if (anyOf !== undefined) {
    const kinds = anyOf.filter((one) => one.type !== 'null').map(kindOf)
    if (kinds.length === 1) return kinds[0]!
    return kinds.every((kind) => kind !== 'json') ? 'value' : 'json'
  }
  if (type === 'boolean') return 'boolean'
  if (type === 'number' || type === 'integer') return 'number'
  return type === 'string' ? 'text' : 'json'
}

/** The input that the texts of a form mean; empty ones are left out. Throws a SyntaxError for a value that is no JSON. */
export function readForm(
  fields: readonly FormField[],
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const { key, kind } of fields) {
    const text = texts[key] ?? ''
    if (text === '') continue
    if (kind === 'number') input[key] = Number(text)
    else if (kind === 'boolean') input[key] = text === 'true'
    else if (kind === 'json') input[key] = readJson(key, text)
    else if (kind === 'value') input[key] = readScalar(text)
    else input[key] = text
  }
  return input
}

/** Lists may be written without quotes: `a, b`. */
function readJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    if (/^[^[{"]+$/.test(text)) return text.split(',').map((part) => part.trim())
    throw new SyntaxError(`${key} is neither JSON nor a list with commas.`)
  }
}

/** Numbers, true, false, null and quoted text as JSON has them; anything else is text. */
function readScalar(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? text : value
  } catch {
    return text
  }
}
