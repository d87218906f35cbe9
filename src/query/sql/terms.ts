import { FoveaError } from '#base'
import type { EmbeddingCall, OrderSource, Test, TypedQuery, TypedTerm } from '../check/typed.ts'
import { quoteText } from '../problem.ts'
import type { QuerySchema } from '../schema.ts'
import { columnSql, testSql, valueTestSql } from './columns.ts'
import { bind, bindId, bindText, identifier, join, renderSql, sql, table, type Sql } from './fragment.ts'
import { labelCountSql, labelsSql } from './labels.ts'

export interface Target {
  schema: QuerySchema
}

/** Boolean SQL over alias `s`. True means the sample meets the term; with `negated`, that it does not. */
export function termSql(target: Target, term: TypedTerm, negated = false): Sql {
  const { tables } = target.schema
  const not = negated ? sql` NOT` : sql``
  switch (term.kind) {
    case 'constant':
      return term.value === negated ? sql`FALSE` : sql`TRUE`
    case 'and':
    case 'or': {
      const all = (term.kind === 'and') !== negated
      return sql`(${join(
        term.terms.map((one) => termSql(target, one, negated)),
        all ? ' AND ' : ' OR ',
      )})`
    }
    case 'not':
      return termSql(target, term.term, !negated)
    case 'test':
      return testSql(term.column, term.test, negated)
    case 'tag':
      if (term.ids !== 'any' && term.ids.length === 0) return negated ? sql`TRUE` : sql`FALSE`
      return sql`s.id${not} IN (${tagged(target, term.ids)})`
    case 'search': {
      const found = searchSql(target, term)
      return negated ? sql`(${found}) IS NOT TRUE` : sql`(${found})`
    }
    case 'labels':
      return labelsSql(tables, term, negated)
    case 'subset':
      return sql`s.id${not} IN (${subsetSql(target, term.query)})`
    case 'embedding': {
      const { test } = term.call
      const score = sql`k.score`
      const hits = test === null ? sql`k.hit` : valueTestSql(score, test as Exclude<Test, { kind: 'missing' }>, null)
      return sql`s.id${not} IN (SELECT k.id FROM ${scoresOf(target, term.call)} k WHERE ${hits})`
    }
    case 'class-of-label':
    case 'kind-of-label':
      throw new FoveaError('INTERNAL', `A condition on labels (${term.kind}) stands among those on samples.`)
  }
}

function tagged({ schema }: Target, ids: readonly number[] | 'any'): Sql {
  const all = sql`SELECT t.sample_id FROM ${table(schema.tables.tags)} t`
  if (ids === 'any') return all
  return ids.length === 1
    ? sql`${all} WHERE t.tag_id = ${bindId(ids[0]!)}`
    : sql`${all} WHERE t.tag_id IN (${join(ids.map(bindId), ', ')})`
}

/** Substring without regard to case, over searched fields, and over names of tags and classes (found by the checker). */
function searchSql(target: Target, term: Extract<TypedTerm, { kind: 'search' }>): Sql {
  const places = target.schema.fields
    .filter((field) => field.fullText)
    .map(({ name }) => sql`contains(lower(s.${identifier(name)}), lower(${bindText(term.text)}))`)
  if (term.tagIds.length > 0) places.push(sql`s.id IN (${tagged(target, term.tagIds)})`)
  if (term.classIds.length > 0 && term.layerId !== null) {
    const list = join(term.classIds.map(bindId), ', ')
    const labels = table(target.schema.tables.labels)
    places.push(
      sql`s.id IN (SELECT l.sample_id FROM ${labels} l WHERE l.layer_id = ${bindId(term.layerId)} AND l.class_id IN (${list}))`,
    )
  }
  return places.length === 0 ? sql`FALSE` : join(places, ' OR ')
}

function subsetSql(target: Target, { where, order, limit }: TypedQuery): Sql {
  const condition = where === null ? sql`TRUE` : termSql(target, where)
  const keys = join([...order.map((key) => orderSql(target, key)), sql`s.id`], ', ')
  const first = bind({ value: limit ?? 0, type: 'BIGINT' })
  return sql`SELECT s.id FROM ${table(target.schema.tables.samples)} s WHERE ${condition} ORDER BY ${keys} LIMIT ${first}`
}

/** Missing values come last either way. */
export function orderSql(target: Target, { source, descending }: TypedQuery['order'][number]): Sql {
  const key = orderKeySql(target, source)
  return descending ? sql`${key} DESC NULLS LAST` : sql`${key} ASC NULLS LAST`
}

function orderKeySql(target: Target, source: OrderSource): Sql {
  switch (source.kind) {
    case 'column':
      return columnSql(source.column)
    case 'labels':
      return labelCountSql(target.schema.tables, source.labels)
    case 'embedding':
      return sql`(SELECT k.score FROM ${scoresOf(target, source.call)} k WHERE k.id = s.id)`
  }
}

function scoresOf({ schema }: Target, call: EmbeddingCall): Sql {
  if (schema.scores === undefined) throw needsEmbeddings(call)
  return table(schema.scores({ name: call.name, argument: call.argument }))
}

function needsEmbeddings({ name, argument }: EmbeddingCall): FoveaError {
  const message = `${name}(${quoteText(argument)}) compares samples by their embeddings, and this dataset has none that fit.`
  return new FoveaError('QUERY_NEEDS_EMBEDDINGS', message, {
    hint: 'Make them with: fovea embed',
    details: { call: name, argument },
  })
}

export const renderOrder = (keys: readonly Sql[]): string => renderSql(join(keys, ', ')).text
