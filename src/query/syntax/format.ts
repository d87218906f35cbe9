import type { Operand, Query, Term, Value } from './ast.ts'

/** Canonical text of a query: one space between words, `and` spelled out, brackets only where they matter. Parses to the same tree. */
export function formatQuery(query: Query): string {
  const parts: string[] = []
  if (query.where !== null) parts.push(formatTerm(query.where))
  if (query.order.length > 0) {
    const keys = query.order.map(({ operand, descending }) => formatOperand(operand) + (descending ? ' desc' : ''))
    parts.push(`order by ${keys.join(', ')}`)
  }
  if (query.limit !== null) parts.push(`limit ${query.limit.value}`)
  return parts.join(' ')
}

function formatTerm(term: Term): string {
  switch (term.kind) {
    case 'and':
    case 'or':
      return term.terms.map(formatInner).join(` ${term.kind} `)
    case 'not':
      return `not ${formatInner(term.term)}`
    case 'compare':
      return `${formatOperand(term.operand)} ${term.operator} ${formatValue(term.value)}`
    case 'between':
      return `${formatOperand(term.operand)}${term.negated ? ' not' : ''} between ${formatValue(term.low)} and ${formatValue(term.high)}`
    case 'in':
      return `${formatOperand(term.operand)}${term.negated ? ' not' : ''} in (${term.values.map(formatValue).join(', ')})`
    case 'missing':
      return `${formatOperand(term.operand)} ${term.negated ? 'exists' : 'is missing'}`
    case 'slice':
      return `slice:${quote(term.name, '"')}`
    case 'operand':
      return formatOperand(term.operand)
    case 'bare':
      return quote(term.text, term.quote)
    case 'broken':
      return ''
  }
}

const formatInner = (term: Term): string =>
  term.kind === 'and' || term.kind === 'or' ? `(${formatTerm(term)})` : formatTerm(term)

function formatOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'name':
      return quote(operand.name, operand.quote)
    case 'call':
      return `${operand.name}(${quote(operand.argument, '"')})`
    case 'layer':
      return `layer(${quote(operand.layer.name, '"')}).${operand.name}`
    case 'labels': {
      const layer = operand.layer === null ? '' : `layer(${quote(operand.layer.name, '"')}).`
      const where = operand.where === null ? '' : `[${formatTerm(operand.where)}]`
      const measure = operand.measure === null ? '.count' : `.${operand.measure.field}.${operand.measure.aggregate}`
      return `${layer}labels${where}${measure}`
    }
  }
}

const formatValue = (value: Value): string => quote(value.text, value.form === 'string' ? '"' : '')

export function quote(text: string, mark: '' | '"' | '`'): string {
  if (mark === '') return text
  return mark + text.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark
}
