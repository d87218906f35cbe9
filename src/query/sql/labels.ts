import { labelKinds } from '#contract'
import type { QuerySchema } from '../schema.ts'
import type { LabelSet, Literal, Measure, Test, TypedTerm } from '../check/typed.ts'
import { columnSql, needsSample, testSql, valueTestSql } from './columns.ts'
import { bindId, integer, join, sql, table, type Sql } from './fragment.ts'

const yes = sql`TRUE`
const no = sql`FALSE`

/**
 * Samples by a count or aggregate over labels. The labels that matter are looked up once and samples are joined to them;
 * grouping is left out where "any" or "none" is all that is asked. Samples without such labels are not among the groups, so a
 * test that zero meets is asked the other way round: all samples but those whose group fails it.
 */
export function labelsSql(
  tables: QuerySchema['tables'],
  term: Extract<TypedTerm, { kind: 'labels' }>,
  negated: boolean,
): Sql {
  const { labels, measure, test } = term
  const onEmpty = meetsOnEmpty(measure, test)
  if (labels.layerId === null) return onEmpty === negated ? no : yes
  const inverse = negated !== onEmpty
  const ids = sampleIdsSql(tables, labels, measure, test, onEmpty)
  return inverse ? sql`s.id NOT IN (${ids})` : sql`s.id IN (${ids})`
}

/** Samples whose labels meet the test; with `failing`, those that have labels and fail it. */
function sampleIdsSql(
  tables: QuerySchema['tables'],
  labels: LabelSet,
  measure: Measure | null,
  test: Test,
  failing: boolean,
): Sql {
  if (measure === null) {
    const all = labelRowsSql(tables, labels, null)
    const whole = failing ? onlyZeroMeets(test) : everyCountMeets(test)
    if (whole) return all
    return grouped(all, sql`count(*)`, test, failing)
  }
  const rows = labelRowsSql(tables, labels, measure)
  // Only labels with a value are read, so a group is never empty and the aggregate never missing.
  if (test.kind === 'missing') return rows
  return grouped(rows, aggregateSql(measure), test, failing)
}

function aggregateSql({ aggregate, column }: Measure): Sql {
  const value = columnSql(column)
  const aggregates = {
    min: sql`min(${value})`,
    max: sql`max(${value})`,
    mean: sql`avg(${value})`,
    sum: sql`sum(${value})`,
  }
  return aggregates[aggregate]
}

function grouped(rows: Sql, value: Sql, test: Test, failing: boolean): Sql {
  if (test.kind === 'missing') return rows
  const having = valueTestSql(value, test, null)
  return sql`${rows} GROUP BY l.sample_id HAVING ${failing ? sql`NOT (${having})` : having}`
}

/** `SELECT` of the sample (and more, where given) of each label in the set; with a measure, of those that have a value for it. */
function labelRowsSql(
  tables: QuerySchema['tables'],
  { layerId, where }: LabelSet,
  measure: Measure | null,
  more: Sql = sql``,
): Sql {
  const conditions = [sql`l.layer_id = ${bindId(layerId!)}`]
  if (where !== null) conditions.push(labelConditionSql(where, false))
  if (measure !== null) conditions.push(sql`${columnSql(measure.column)} IS NOT NULL`)
  const sized = (where !== null && looksAtSize(where)) || (measure !== null && needsSample(measure.column))
  const size = sized ? sql` JOIN ${table(tables.samples)} p ON p.id = l.sample_id` : sql``
  return sql`SELECT l.sample_id${more} FROM ${table(tables.labels)} l${size} WHERE ${join(conditions, ' AND ')}`
}

/** Condition on one label, under alias `l`. */
function labelConditionSql(term: TypedTerm, negated: boolean): Sql {
  switch (term.kind) {
    case 'constant':
      return term.value === negated ? no : yes
    case 'and':
    case 'or': {
      const all = (term.kind === 'and') !== negated
      return sql`(${join(
        term.terms.map((one) => labelConditionSql(one, negated)),
        all ? ' AND ' : ' OR ',
      )})`
    }
    case 'not':
      return labelConditionSql(term.term, !negated)
    case 'class-of-label':
      return oneOf(sql`l.class_id`, term.ids, negated)
    case 'kind-of-label':
      return kindSql(term.indexes, negated)
    case 'test':
      return testSql(term.column, term.test, negated)
    case 'tag':
    case 'search':
    case 'labels':
    case 'subset':
    case 'embedding':
      return no // the checker lets none of these in
  }
}

/** Neither classes nor kinds are ever missing, so the opposite is plain. */
function oneOf(value: Sql, ids: readonly number[], negated: boolean): Sql {
  if (ids.length === 0) return negated ? yes : no
  const list = join(ids.map(bindId), ', ')
  if (ids.length === 1) return negated ? sql`${value} <> ${list}` : sql`${value} = ${list}`
  return negated ? sql`${value} NOT IN (${list})` : sql`${value} IN (${list})`
}

/** Whichever list is shorter, those kinds or all others: `kind <> 0` is read faster than a list of five. */
function kindSql(indexes: readonly number[], negated: boolean): Sql {
  const others = labelKinds.flatMap((_, index) => (indexes.includes(index) ? [] : [index]))
  const shorter = others.length < indexes.length
  return oneOf(sql`l.kind`, shorter ? others : indexes, shorter !== negated)
}

function looksAtSize(term: TypedTerm): boolean {
  if (term.kind === 'and' || term.kind === 'or') return term.terms.some(looksAtSize)
  if (term.kind === 'not') return looksAtSize(term.term)
  return term.kind === 'test' && needsSample(term.column)
}

/** Whether a sample without such labels meets the test: counts and sums are 0 then, other aggregates are missing. */
function meetsOnEmpty(measure: Measure | null, test: Test): boolean {
  const value = measure === null || measure.aggregate === 'sum' ? 0 : null
  if (test.kind === 'missing') return value === null || measure !== null
  return value !== null && meets(test, value)
}

const comparisons = {
  '=': (a: number, b: number) => a === b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
}

function meets(test: Test, value: number): boolean {
  const of = (literal: Literal): number => Number(literal.value)
  switch (test.kind) {
    case 'compare':
      return comparisons[test.operator](value, of(test.value))
    case 'between':
      return value >= of(test.low) && value <= of(test.high)
    case 'in':
      return test.values.some((one) => value === of(one))
    case 'glob':
    case 'missing':
      return false
  }
}

/** Whether the test asks no more than that there is one. */
const everyCountMeets = (test: Test): boolean =>
  test.kind === 'compare' && (test.operator === '>' || test.operator === '>=') && meets(test, 1)

/** Whether the test asks for none, so that one is enough to fail it. */
const onlyZeroMeets = (test: Test): boolean =>
  test.kind === 'compare' &&
  test.operator !== '>' &&
  test.operator !== '>=' &&
  !meets(test, 1) &&
  (test.operator !== '=' || Number(test.value.value) === 0)

/** Number of labels of the set for each sample, as an `ORDER BY` key without values. */
export function labelCountSql(tables: QuerySchema['tables'], { layerId, where }: LabelSet): Sql {
  if (layerId === null) return sql`0`
  const list = (ids: readonly number[]): Sql => join(ids.map(integer), ', ')
  const condition =
    where?.kind === 'class-of-label'
      ? sql` AND l.class_id IN (${list(where.ids)})`
      : where?.kind === 'kind-of-label'
        ? sql` AND l.kind IN (${list(where.indexes)})`
        : sql``
  return sql`(SELECT count(*) FROM ${table(tables.labels)} l WHERE l.sample_id = s.id AND l.layer_id = ${integer(layerId)}${condition})`
}

/** `sample_id` and the number `v` of its labels in the set, or an aggregate of theirs, for samples that have any. */
export function labelValuesSql(tables: QuerySchema['tables'], labels: LabelSet, measure: Measure | null): Sql {
  if (labels.layerId === null) return sql`SELECT NULL::BIGINT AS sample_id, NULL::DOUBLE AS v WHERE FALSE`
  const value = measure === null ? sql`count(*)` : aggregateSql(measure)
  return sql`${labelRowsSql(tables, labels, measure, sql`, ${value} AS v`)} GROUP BY l.sample_id`
}
