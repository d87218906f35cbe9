import { FoveaError } from '#base'
import { createContext, fail } from './check/context.ts'
import { resolve } from './check/terms.ts'
import { toError } from './problem.ts'
import type { QuerySchema, SqlFragment } from './schema.ts'
import { columnSql } from './sql/columns.ts'
import { renderSql, sql, table } from './sql/fragment.ts'
import { labelValuesSql } from './sql/labels.ts'
import { createCursor } from './syntax/cursor.ts'
import { readTokens } from './syntax/lexer.ts'
import { parseOperand } from './syntax/operands.ts'
import { parseTerms } from './syntax/terms.ts'

/** What is measured on each sample, and the SQL that reads it. */
export interface CompiledMeasure {
  /** `labels` counts labels, `labels-value` measures them, `field` is a value of the sample. */
  of: 'field' | 'labels' | 'labels-value'
  type: 'number' | 'integer' | 'boolean' | 'string' | 'datetime'
  /** `SELECT id, value` of all samples in id order; where there are no labels, counts and sums are 0 and the rest is missing. */
  select: SqlFragment
}

/**
 * Reads what can be ordered or compared in a query, standing alone: `brightness`, `objects`, `labels[area > 0.1]`,
 * `labels[class = "crack"].area.max`. Throws QUERY_INVALID with `{ span, expected, candidates }`.
 */
export function compileMeasure(text: string, schema: QuerySchema): CompiledMeasure {
  const cursor = createCursor(readTokens(text))
  const operand = parseOperand(cursor, parseTerms)
  if (cursor.faults[0] !== undefined) throw toError(cursor.faults[0])
  if (cursor.peek().kind !== 'end') throw cursor.unexpected('the end of the measure')
  const context = createContext(schema, () => {
    throw new FoveaError('INTERNAL', 'A slice stands among conditions on labels.')
  })
  const subject = resolve(context, operand, 'sample')
  if (context.faults[0] !== undefined) throw toError(context.faults[0])
  const samples = table(schema.tables.samples)
  if (subject.kind === 'column') {
    const { type } = subject.column
    if (type === 'hash' || type === 'sample-id') return refuse(operand.span, subject.column.title)
    const value = columnSql(subject.column)
    return { of: 'field', type, select: renderSql(sql`SELECT s.id, ${value} AS v FROM ${samples} s ORDER BY s.id`) }
  }
  if (subject.kind !== 'count' && subject.kind !== 'measure') return refuse(operand.span, text.trim())
  const measure = subject.kind === 'measure' ? subject : null
  const values = labelValuesSql(schema.tables, subject.labels, measure)
  const value = measure === null || measure.aggregate === 'sum' ? sql`coalesce(m.v, 0)` : sql`m.v`
  return {
    of: measure === null ? 'labels' : 'labels-value',
    type: measure === null ? 'integer' : 'number',
    select: renderSql(
      sql`SELECT s.id, ${value} AS v FROM ${samples} s LEFT JOIN (${values}) m ON m.sample_id = s.id ORDER BY s.id`,
    ),
  }
}

function refuse(span: { start: number; end: number }, got: string): never {
  return fail({
    span,
    expected: ['a field', 'objects', 'labels[…]', 'labels[…].area.max'],
    got: JSON.stringify(got),
    hint: 'Measured is what has one value a sample.',
  })
}
