import type { Span } from '../problem.ts'

/** What a query text says, before anything is known of the dataset. Every node carries its place in the text. */
export interface Query {
  kind: 'query'
  /** Null selects everything. */
  where: Term | null
  order: OrderKey[]
  limit: { value: number; span: Span } | null
  span: Span
}

export interface OrderKey {
  kind: 'order-key'
  operand: Operand
  descending: boolean
  span: Span
}

export type Term =
  | Group
  | Negation
  | Comparison
  | Range
  | Membership
  | Absence
  | SliceTerm
  | OperandTerm
  | BareTerm
  | BrokenTerm

export interface Group {
  kind: 'and' | 'or'
  terms: Term[]
  span: Span
}

/** `not x`, and `-x`. */
export interface Negation {
  kind: 'not'
  term: Term
  span: Span
}

export const comparisonOperators = ['=', '!=', '<', '<=', '>', '>=', '~', '!~'] as const
export type ComparisonOperator = (typeof comparisonOperators)[number]

/** `a = 1`; `a:1` is the same with `=`. */
export interface Comparison {
  kind: 'compare'
  operand: Operand
  operator: ComparisonOperator
  value: Value
  span: Span
}

/** `a between 1 and 2`, both ends included. */
export interface Range {
  kind: 'between'
  operand: Operand
  low: Value
  high: Value
  negated: boolean
  span: Span
}

export interface Membership {
  kind: 'in'
  operand: Operand
  values: Value[]
  negated: boolean
  span: Span
}

/** `a is missing`; negated: `a exists`. */
export interface Absence {
  kind: 'missing'
  operand: Operand
  negated: boolean
  span: Span
}

export interface SliceTerm {
  kind: 'slice'
  name: string
  /** Of the name alone. */
  nameSpan: Span
  span: Span
}

/** An operand that stands for itself: `labels[score > 0.9]`, `text("a cracked tile")`. */
export interface OperandTerm {
  kind: 'operand'
  operand: LabelsOperand | LayerOperand | CallOperand
  span: Span
}

/** A word or quoted text to search for; a word may turn out to name a boolean field, a back-quoted one must. */
export interface BareTerm {
  kind: 'bare'
  text: string
  quote: '' | '"' | '`'
  span: Span
}

/** Stands where a fault was found, so that the rest can still be checked. */
export interface BrokenTerm {
  kind: 'broken'
  span: Span
}

export type Operand = NameOperand | LabelsOperand | LayerOperand | CallOperand

/** A field, a class to count (also in double quotes), or a built-in term such as `objects`. Back quotes: a field for sure. */
export interface NameOperand {
  kind: 'name'
  name: string
  quote: '' | '"' | '`'
  span: Span
}

export const aggregateFunctions = ['min', 'max', 'sum', 'mean'] as const
export type AggregateFunction = (typeof aggregateFunctions)[number]

export interface LabelMeasure {
  field: string
  aggregate: AggregateFunction
  span: Span
}

/** `labels`, `labels[…]`, `labels[…].count`, `labels[…].area.max`, each under `layer("…").` or not. */
export interface LabelsOperand {
  kind: 'labels'
  layer: LayerName | null
  where: Term | null
  /** Null counts. */
  measure: LabelMeasure | null
  span: Span
}

/** `layer("…").objects`, `layer("…").class`. */
export interface LayerOperand {
  kind: 'layer'
  layer: LayerName
  name: 'objects' | 'class'
  span: Span
}

export interface LayerName {
  name: string
  span: Span
}

export const callNames = ['count', 'similar', 'text'] as const
export type CallName = (typeof callNames)[number]

/** `count("blow hole")`, `similar("s_12")`, `text("a cracked tile")`. */
export interface CallOperand {
  kind: 'call'
  name: CallName
  argument: string
  argumentSpan: Span
  span: Span
}

export interface Value {
  kind: 'value'
  /** As written, without quotes. */
  text: string
  form: 'string' | 'word' | 'number' | 'date'
  span: Span
}
