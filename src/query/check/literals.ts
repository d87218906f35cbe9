import { quoteText } from '../problem.ts'
import type { Value } from '../syntax/ast.ts'
import { fail } from './context.ts'
import { readDatetime } from './datetime.ts'
import type { Column, Literal } from './typed.ts'

/** Reads a value as the type of the column it is compared with. Throws QUERY_INVALID when it does not fit. */
export function readLiteral(column: Column, value: Value): Literal {
  switch (column.type) {
    case 'string':
      return { value: value.text, type: 'VARCHAR' }
    case 'number':
    case 'integer':
      return readNumber(column, value)
    case 'boolean':
      return readBoolean(column, value)
    case 'datetime':
      return readMoment(column, value)
    case 'hash':
      if (/^[0-9a-f]{16}$/i.test(value.text)) return { value: BigInt(`0x${value.text}`), type: 'UBIGINT' }
      return misfit(column, value, '16 hex digits', `Like ${column.title} = "8f3c1e0077aa55d2".`)
    case 'sample-id':
      if (/^s_\d{1,15}$/.test(value.text)) return { value: Number(value.text.slice(2)), type: 'BIGINT' }
      return misfit(column, value, 'a sample id', 'A sample id looks like "s_12".')
  }
}

const bytesPerUnit: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

function readNumber(column: Column, value: Value): Literal {
  if (value.form === 'number') {
    if (column.type === 'integer' && /^[+-]?\d{1,18}$/.test(value.text)) {
      const exact = Number(value.text)
      return { value: Number.isSafeInteger(exact) ? exact : BigInt(value.text), type: 'BIGINT' }
    }
    const number = Number(value.text)
    if (Number.isFinite(number)) return { value: number, type: 'DOUBLE' }
    return misfit(column, value, 'a number below 1.8e308', null)
  }
  const sized = /^(\d+\.?\d*|\.\d+)([kmgt]?i?b)$/i.exec(value.text)
  const factor = sized === null ? undefined : bytesPerUnit[sized[2]!.toLowerCase()]
  if (column.unit === 'bytes' && factor !== undefined && value.form === 'word') {
    return { value: Number(sized![1]) * factor, type: 'DOUBLE' }
  }
  const quotedNumber = value.form === 'string' && value.text.trim() !== '' && Number.isFinite(Number(value.text))
  const hint = quotedNumber
    ? `Numbers stand without quotes: ${value.text.trim()}.`
    : `${column.title} is ${article(column.type)}${column.unit === null ? '' : ` (${column.unit})`}.`
  return misfit(column, value, 'a number', hint)
}

function readBoolean(column: Column, value: Value): Literal {
  const text = value.text.toLowerCase()
  if (text === 'true' || text === 'false') return { value: text === 'true', type: 'BOOLEAN' }
  return misfit(column, value, ['true', 'false'], `${column.title} is a boolean.`)
}

function readMoment(column: Column, value: Value): Literal {
  const moment = readDatetime(value.text)
  if (moment !== null) return { value: moment, type: 'TIMESTAMP' }
  return misfit(
    column,
    value,
    'a date or time',
    'Like 2024-05-01 or 2024-05-01T18:30:00Z; times without an offset are UTC.',
  )
}

function misfit(column: Column, value: Value, expected: string | string[], hint: string | null): never {
  const what = value.form === 'string' || value.form === 'word' ? 'the text' : `the ${value.form}`
  const got = `${what} ${value.form === 'string' || value.form === 'word' ? quoteText(value.text) : value.text}`
  return fail({ span: value.span, expected, got, hint: hint ?? `${column.title} is ${article(column.type)}.` })
}

/** The type in words, for messages. */
export function article(type: Column['type']): string {
  switch (type) {
    case 'integer':
      return 'an integer'
    case 'datetime':
      return 'a date and time'
    case 'hash':
      return 'a perceptual hash'
    case 'sample-id':
      return 'a sample id'
    case 'number':
    case 'string':
    case 'boolean':
      return `a ${type}`
  }
}
