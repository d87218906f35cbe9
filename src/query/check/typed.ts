import type { FieldType } from '#contract'
import type { SqlValue } from '../schema.ts'
import type { AggregateFunction, CallName } from '../syntax/ast.ts'

/**
 * A query that fits its dataset: names resolved, values read as their columns' types. Logic is two-valued: a test of a
 * missing value is false, and `not` turns every false into true; so `!=` is `not =`.
 */
export type TypedTerm =
  | { kind: 'constant'; value: boolean }
  | { kind: 'and' | 'or'; terms: TypedTerm[] }
  | { kind: 'not'; term: TypedTerm }
  | { kind: 'test'; column: Column; test: Test }
  /** Inside labels: the label's class is one of these. */
  | { kind: 'class-of-label'; ids: number[] }
  /** Inside labels: the label's kind is one of these indexes of `labelKinds`. */
  | { kind: 'kind-of-label'; indexes: number[] }
  /** The sample has one of these tags; `any` asks for any tag at all. */
  | { kind: 'tag'; ids: number[] | 'any' }
  | { kind: 'search'; text: string; tagIds: number[]; classIds: number[]; layerId: number | null }
  | { kind: 'labels'; labels: LabelSet; measure: Measure | null; test: Test }
  /** A slice with a limit of its own: its first samples in its order. */
  | { kind: 'subset'; query: TypedQuery }
  | { kind: 'embedding'; call: EmbeddingCall }

/** Labels of a layer that meet a condition; `layerId` is null for a layer that holds nothing yet. */
export interface LabelSet {
  layerId: number | null
  where: TypedTerm | null
}

export interface Measure {
  aggregate: AggregateFunction
  column: Column
}

export type Test =
  | { kind: 'compare'; operator: '=' | '<' | '<=' | '>' | '>='; value: Literal }
  | { kind: 'between'; low: Literal; high: Literal }
  | { kind: 'in'; values: Literal[] }
  | { kind: 'glob'; pattern: string }
  | { kind: 'missing' }

export interface Literal {
  value: Exclude<SqlValue, null>
  type: 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'UBIGINT' | 'BOOLEAN' | 'TIMESTAMP'
}

export type ColumnType = FieldType | 'hash' | 'sample-id'

export const labelColumns = [
  'area',
  'area_px',
  'width',
  'height',
  'x',
  'y',
  'width_px',
  'height_px',
  'x_px',
  'y_px',
  'score',
  'author',
] as const
export type LabelColumn = (typeof labelColumns)[number]

export interface Column {
  source:
    | { kind: 'field'; name: string }
    | { kind: 'label'; name: LabelColumn }
    | { kind: 'attribute'; name: string; type: 'number' | 'string' | 'boolean' }
  type: ColumnType
  /** As messages name it. */
  title: string
  unit: string | null
}

/** A term that needs vectors; `test` is null for a bare `text("…")`. */
export interface EmbeddingCall {
  name: Exclude<CallName, 'count'>
  argument: string
  test: Test | null
}

export type OrderSource =
  | { kind: 'column'; column: Column }
  | { kind: 'labels'; labels: LabelSet }
  | { kind: 'embedding'; call: EmbeddingCall }

export interface TypedQuery {
  where: TypedTerm | null
  order: { source: OrderSource; descending: boolean }[]
  limit: number | null
}
