import { FoveaError } from '#base'
import type { SqlFragment, SqlValue } from '../schema.ts'
import type { Literal } from '../check/typed.ts'

/**
 * SQL under construction: pieces of text, values to bind, and SQL inside SQL. Text comes only from templates in this room,
 * from quoted identifiers of the schema, and from fragments another room vouches for; what a user writes is always a value.
 */
export interface Sql {
  readonly pieces: readonly (string | Sql | { bind: SqlValue })[]
}

/** `sql\`a = ${value}\``: what is put in must be Sql itself, so no plain text can slip through. */
export function sql(texts: TemplateStringsArray, ...parts: readonly Sql[]): Sql {
  return { pieces: texts.flatMap((text, i) => [text, ...(i < parts.length ? [parts[i]!] : [])]) }
}

export function identifier(name: string): Sql {
  return { pieces: [`"${name.replaceAll('"', '""')}"`] }
}

/** Table names of the schema may be qualified and quoted already. */
export function table(name: string): Sql {
  return { pieces: [name] }
}

/** A value to bind, cast to the type that the comparison wants, so that the column stays as it is. */
export function bind({ value, type }: Literal): Sql {
  // A whole number beyond 2^53 would be bound as an integer it is not; its text reads exactly.
  const bound =
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? String(value) : value
  return { pieces: [{ bind: bound }, `::${type}`] }
}

export function bindId(id: number): Sql {
  return { pieces: [{ bind: id }, '::INTEGER'] }
}

export function bindText(text: string): Sql {
  return bind({ value: text, type: 'VARCHAR' })
}

/** An id of the schema as text, for `ORDER BY`, which carries no values. */
export function integer(id: number): Sql {
  if (!Number.isSafeInteger(id)) throw new FoveaError('INTERNAL', `An id must be a whole number, got ${id}.`)
  return { pieces: [String(id)] }
}

export function join(list: readonly Sql[], separator: ', ' | ' AND ' | ' OR '): Sql {
  return { pieces: list.flatMap((one, i) => (i === 0 ? [one] : [separator, one])) }
}

/** Text with `$1 …` and the values in that order. */
export function renderSql(root: Sql): SqlFragment {
  const values: SqlValue[] = []
  const parts: string[] = []
  const walk = ({ pieces }: Sql): void => {
    for (const piece of pieces) {
      if (typeof piece === 'string') parts.push(piece)
      else if ('bind' in piece) parts.push(`$${values.push(piece.bind)}`)
      else walk(piece)
    }
  }
  walk(root)
  return { text: parts.join(''), values }
}
