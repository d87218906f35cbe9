import { labelKinds } from '#contract'
import { nearestNames } from '../nearest.ts'
import { quoteText, type Span } from '../problem.ts'
import type { CallOperand, LabelMeasure, NameOperand } from '../syntax/ast.ts'
import { fail, type Context } from './context.ts'
import { article } from './literals.ts'
import { findClass } from './names.ts'
import {
  labelColumns,
  type Column,
  type EmbeddingCall,
  type LabelColumn,
  type LabelSet,
  type TypedTerm,
} from './typed.ts'

/** What an operand turns out to be about. */
export type Subject =
  | { kind: 'column'; column: Column }
  /** The classes a sample's labels have, or inside labels the class of the one label. */
  | { kind: 'class'; layerId: number | null }
  | { kind: 'label-class' }
  | { kind: 'label-kind' }
  | { kind: 'tag' }
  | { kind: 'count'; labels: LabelSet }
  | { kind: 'measure'; labels: LabelSet; aggregate: LabelMeasure['aggregate']; column: Column }
  | { kind: 'call'; call: EmbeddingCall; span: Span }

/** Terms of samples that are no fields. They win over fields of the same name, which back quotes reach. */
const sampleTerms = ['class', 'tag', 'objects', 'annotations.objects'] as const

/** Labels that have a place: every kind but `class`. */
export const placed: TypedTerm = {
  kind: 'kind-of-label',
  indexes: labelKinds.flatMap((kind, index) => (kind === 'class' ? [] : [index])),
}

export function resolveSampleName(context: Context, { name, quote, span }: NameOperand): Subject {
  if (quote === '') {
    if (name === 'class') return { kind: 'class', layerId: context.defaultLayerId }
    if (name === 'tag') return { kind: 'tag' }
    if (name === 'objects' || name === 'annotations.objects') {
      return { kind: 'count', labels: { layerId: context.defaultLayerId, where: placed } }
    }
  }
  if (quote === '"') return countClass(context, name, span)
  const column = fieldColumn(context, name)
  if (column !== null) return { kind: 'column', column }
  if (quote === '' && context.classes.has(name)) return countClass(context, name, span)
  const fields = [...context.fields.keys()]
  if (quote === '`') {
    return fail({ span, expected: 'a field', got: quoteText(name), candidates: nearestNames(name, fields) })
  }
  const known = [...fields, ...sampleTerms, 'labels.count', ...context.classes.keys()]
  const hint = 'To search for words, put them in quotes or leave out the operator.'
  return fail({
    span,
    expected: ['a field', 'a class'],
    got: quoteText(name),
    hint,
    candidates: nearestNames(name, known),
  })
}

/** The column of a field by its exact name; null when there is none. */
export function fieldColumn(context: Context, name: string): Column | null {
  const field = context.fields.get(name)
  if (field === undefined) return null
  const type = name === 'id' ? 'sample-id' : name === 'phash' ? 'hash' : field.type
  return { source: { kind: 'field', name }, type, title: name, unit: field.unit }
}

export function resolveLabelName(context: Context, { name, quote, span }: NameOperand): Subject {
  if (name === 'class' && quote === '') return { kind: 'label-class' }
  if (name === 'kind' && quote === '') return { kind: 'label-kind' }
  return { kind: 'column', column: labelColumn(context, name, quote, span) }
}

const shares = new Set<LabelColumn>(['area', 'width', 'height', 'x', 'y'])

function labelColumn(context: Context, name: string, quote: NameOperand['quote'], span: Span): Column {
  const own = labelColumns.find((column) => column === name)
  if (own !== undefined && quote === '') {
    const unit = shares.has(own)
      ? 'share of the image'
      : own.startsWith('area')
        ? 'px²'
        : own.endsWith('_px')
          ? 'px'
          : null
    return { source: { kind: 'label', name: own }, type: own === 'author' ? 'string' : 'number', title: name, unit }
  }
  const { attributes } = context.schema
  const attribute =
    attributes.find((one) => one.name === name) ??
    (name.startsWith('attr.') && quote === '' ? attributes.find((one) => one.name === name.slice(5)) : undefined)
  if (attribute !== undefined) {
    const source = { kind: 'attribute' as const, name: attribute.name, type: attribute.type }
    return { source, type: attribute.type, title: name, unit: null }
  }
  const known = ['class', 'kind', ...labelColumns, ...attributes.map((one) => one.name)]
  const hint = context.fields.has(name)
    ? `${name} belongs to samples; put it outside the square brackets.`
    : `Labels have ${['class', 'kind', 'area', 'width', 'height', 'x', 'y', 'score', 'author'].join(', ')} and their attributes.`
  return fail({
    span,
    expected: 'a property of labels',
    got: quoteText(name),
    hint,
    candidates: nearestNames(name, known),
  })
}

export function resolveMeasure(context: Context, labels: LabelSet, measure: LabelMeasure): Subject {
  const column = labelColumn(context, measure.field, '', measure.span)
  if (column.type !== 'number') {
    const hint = `${column.title} is ${article(column.type)}.`
    return fail({ span: measure.span, expected: 'a number of labels', got: quoteText(measure.field), hint })
  }
  return { kind: 'measure', labels, aggregate: measure.aggregate, column }
}

export function resolveCall(context: Context, { name, argument, argumentSpan, span }: CallOperand): Subject {
  if (name === 'count') return countClass(context, argument, argumentSpan)
  if (name === 'similar' && !/^s_\d{1,15}$/.test(argument)) {
    const hint = 'A sample id looks like "s_12".'
    return fail({ span: argumentSpan, expected: 'a sample id', got: quoteText(argument), hint })
  }
  return { kind: 'call', call: { name, argument, test: null }, span }
}

function countClass(context: Context, name: string, span: Span): Subject {
  const where: TypedTerm = { kind: 'class-of-label', ids: [findClass(context, name, span)] }
  return { kind: 'count', labels: { layerId: context.defaultLayerId, where } }
}
