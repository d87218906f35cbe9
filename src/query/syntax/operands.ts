import { describeFault, quoteText, toError, type Span } from '../problem.ts'
import { nearestNames } from '../nearest.ts'
import {
  aggregateFunctions,
  callNames,
  type AggregateFunction,
  type CallName,
  type LabelMeasure,
  type LabelsOperand,
  type LayerName,
  type LayerOperand,
  type Operand,
  type Term,
} from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Token } from './lexer.ts'
import { isReserved } from './words.ts'

type ParseTerms = (cursor: Cursor) => Term

const functions: readonly string[] = ['layer', ...callNames]

/** What stands left of an operator, or in `order by`. `parseTerms` reads the condition inside `labels[…]`. */
export function parseOperand(cursor: Cursor, parseTerms: ParseTerms): Operand {
  const token = cursor.peek()
  if (token.kind === 'string') return { kind: 'name', name: cursor.next().text, quote: '"', span: token.span }
  if (token.kind === 'name') return { kind: 'name', name: cursor.next().text, quote: '`', span: token.span }
  if (token.kind !== 'word') throw cursor.unexpected(['a field', 'a class', 'labels'])
  if (isReserved(token.text)) {
    throw cursor.unexpected(
      ['a field', 'a class', 'labels'],
      `To search for the word, write "${token.text}" in quotes.`,
    )
  }
  if (cursor.isSymbol('(', 1) && !cursor.peek(1).spaced) return parseCall(cursor, parseTerms)
  if (token.text === 'labels' || token.text.startsWith('labels.')) return parseLabels(cursor, parseTerms, null, token)
  cursor.next()
  return { kind: 'name', name: token.text, quote: '', span: token.span }
}

function parseCall(cursor: Cursor, parseTerms: ParseTerms): Operand {
  const name = cursor.peek()
  if (!functions.includes(name.text)) {
    const candidates = nearestNames(name.text, functions)
    const hint = 'To search for words, put a space before the bracket or quote them.'
    throw toError(
      describeFault({
        span: name.span,
        expected: 'layer, count, similar or text',
        got: quoteText(name.text),
        hint,
        candidates,
      }),
    )
  }
  cursor.next()
  cursor.takeSymbol('(')
  if (name.text === 'layer') cursor.want({ kind: 'name', of: 'layer' })
  if (name.text === 'count') cursor.want({ kind: 'name', of: 'class' })
  const argument = cursor.peek()
  if (argument.kind !== 'string' && argument.kind !== 'word') {
    throw cursor.unexpected('a name in quotes', `Like ${name.text}("${exampleOf(name.text)}").`)
  }
  cursor.next()
  cursor.takeSymbol(')')
  if (name.text === 'layer') {
    return parseLayerMember(cursor, parseTerms, { name: argument.text, span: argument.span }, name)
  }
  return {
    kind: 'call',
    name: name.text as CallName,
    argument: argument.text,
    argumentSpan: argument.span,
    span: cursor.spanFrom(name.span),
  }
}

const exampleOf = (name: string): string =>
  name === 'layer' ? 'truth' : name === 'similar' ? 's_12' : name === 'text' ? 'a cracked tile' : 'crack'

function parseLayerMember(
  cursor: Cursor,
  parseTerms: ParseTerms,
  layer: LayerName,
  start: Token,
): LabelsOperand | LayerOperand {
  cursor.want({ kind: 'member', of: 'layer' })
  const member = cursor.peek()
  const name = member.kind === 'word' && !member.spaced ? member.text : ''
  if (name === '.labels' || name.startsWith('.labels.')) return parseLabels(cursor, parseTerms, layer, start)
  if (name === '.objects' || name === '.class') {
    cursor.next()
    return { kind: 'layer', layer, name: name === '.objects' ? 'objects' : 'class', span: cursor.spanFrom(start.span) }
  }
  throw cursor.unexpected(['.labels', '.objects', '.class'], `Like layer(${quoteText(layer.name)}).labels.count > 0.`)
}

function parseLabels(cursor: Cursor, parseTerms: ParseTerms, layer: LayerName | null, start: Token): LabelsOperand {
  const head = cursor.next()
  const inside = head.text.replace(/^\.?labels/, '')
  if (inside !== '') {
    const measure = parseMeasure(inside, { start: head.span.end - inside.length, end: head.span.end })
    return { kind: 'labels', layer, where: null, measure, span: cursor.spanFrom(start.span) }
  }
  let where: Term | null = null
  if (cursor.isSymbol('[')) {
    cursor.next()
    where = cursor.nested('label', () => parseTerms(cursor))
    cursor.want({ kind: 'keywords', words: ['and', 'or', ']'] })
    cursor.takeSymbol(']')
  }
  const member = cursor.peek()
  cursor.want({ kind: 'member', of: 'labels' })
  let measure: LabelMeasure | null = null
  if (member.kind === 'word' && !member.spaced && member.text.startsWith('.')) {
    cursor.next()
    measure = parseMeasure(member.text, member.span)
  }
  return { kind: 'labels', layer, where, measure, span: cursor.spanFrom(start.span) }
}

/** `.count` or `.area.max`. */
function parseMeasure(text: string, span: Span): LabelMeasure | null {
  if (text === '.count') return null
  const cut = text.lastIndexOf('.')
  const field = text.slice(1, cut)
  const aggregate = text.slice(cut + 1)
  if (cut > 0 && isAggregate(aggregate)) return { field, aggregate, span }
  throw toError(
    describeFault({
      span,
      expected: ['.count', 'a measure such as .area.max'],
      got: quoteText(text),
      hint: `Measures end in ${aggregateFunctions.map((name) => `.${name}`).join(', ')}.`,
      candidates: nearestNames(text, ['.count']),
    }),
  )
}

const isAggregate = (text: string): text is AggregateFunction =>
  (aggregateFunctions as readonly string[]).includes(text)
