import { quoteText } from '../problem.ts'
import type { Absence, Comparison, Membership, Range, Value } from '../syntax/ast.ts'
import { use, fail, type Context } from './context.ts'
import { article, readLiteral } from './literals.ts'
import type { Column, ColumnType, Test } from './typed.ts'

/** Terms that hold an operand against something. */
export type Trial = Comparison | Range | Membership | Absence

/** A test and whether the text turns it round (`!=`, `not in`, `exists`). */
export interface SignedTest {
  test: Test
  negated: boolean
}

const orders = ['=', '!=', '<', '<=', '>', '>='] as const
export const operatorsOf: Record<ColumnType, readonly string[]> = {
  number: orders,
  integer: orders,
  datetime: orders,
  'sample-id': orders,
  string: [...orders, '~', '!~'],
  boolean: ['=', '!='],
  hash: ['=', '!='],
}

/** Reads what stands right of the operator as the column's type. Throws QUERY_INVALID when operator or value do not fit. */
export function readTest(context: Context, column: Column, trial: Trial): SignedTest {
  switch (trial.kind) {
    case 'missing':
      return { test: { kind: 'missing' }, negated: trial.negated }
    case 'in':
      use(context, 'values', trial.span, trial.values.length)
      return {
        test: { kind: 'in', values: trial.values.map((value) => readLiteral(column, value)) },
        negated: trial.negated,
      }
    case 'between': {
      if (!operatorsOf[column.type].includes('<')) wrongOperator(column, 'between', trial)
      const test: Test = { kind: 'between', low: readLiteral(column, trial.low), high: readLiteral(column, trial.high) }
      return { test, negated: trial.negated }
    }
    case 'compare': {
      const { operator } = trial
      if (!operatorsOf[column.type].includes(operator)) wrongOperator(column, operator, trial)
      if (operator === '~' || operator === '!~') {
        return { test: { kind: 'glob', pattern: trial.value.text }, negated: operator === '!~' }
      }
      const value = readLiteral(column, trial.value)
      if (operator === '!=') return { test: { kind: 'compare', operator: '=', value }, negated: true }
      return { test: { kind: 'compare', operator, value }, negated: false }
    }
  }
}

/** Counts and aggregates are numbers that no field holds. */
export function numberColumn(title: string, type: 'integer' | 'number'): Column {
  return { source: { kind: 'field', name: '' }, type, title, unit: null }
}

function wrongOperator(column: Column, operator: string, trial: Trial): never {
  const hint = `${column.title} is ${article(column.type)}.`
  return fail({ span: trial.span, expected: [...operatorsOf[column.type], 'in (…)'], got: quoteText(operator), hint })
}

/** The names a test of classes, kinds or tags lists, or the glob they must match; null asks whether there is any. */
export interface NameTest {
  names: Value[] | null
  glob: string | null
  negated: boolean
}

export function readNameTest(context: Context, what: string, trial: Trial): NameTest {
  switch (trial.kind) {
    case 'missing':
      return { names: null, glob: null, negated: !trial.negated }
    case 'in':
      use(context, 'values', trial.span, trial.values.length)
      return { names: trial.values, glob: null, negated: trial.negated }
    case 'compare':
      if (trial.operator === '=' || trial.operator === '!=') {
        return { names: [trial.value], glob: null, negated: trial.operator === '!=' }
      }
      if (trial.operator === '~' || trial.operator === '!~') {
        return { names: null, glob: trial.value.text, negated: trial.operator === '!~' }
      }
      return refuseOrder(what, trial.operator, trial)
    case 'between':
      return refuseOrder(what, 'between', trial)
  }
}

function refuseOrder(what: string, operator: string, trial: Trial): never {
  const hint = `${what} has names, which have no order. To count labels of a class: count("name") > 3.`
  return fail({ span: trial.span, expected: ['=', '!=', '~', 'in (…)', 'is missing'], got: quoteText(operator), hint })
}
