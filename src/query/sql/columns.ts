import { globToLike, globToRegex } from '../glob.ts'
import type { Column, LabelColumn, Test } from '../check/typed.ts'
import { bind, bindText, identifier, join, sql, type Sql } from './fragment.ts'

/** SQL of a column: fields under alias `s`, properties of labels under `l`, the label's sample under `p`. */
export function columnSql({ source }: Column): Sql {
  switch (source.kind) {
    case 'field':
      return sql`s.${identifier(source.name)}`
    case 'label':
      return labelColumnSql[source.name]
    case 'attribute': {
      const text = sql`json_extract_string(l.attributes, ${bindText(jsonPointer(source.name))})`
      if (source.type === 'number') return sql`TRY_CAST(${text} AS DOUBLE)`
      if (source.type === 'boolean') return sql`CASE ${text} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END`
      return text
    }
  }
}

const labelColumnSql: Record<LabelColumn, Sql> = {
  area: sql`l.area_share`,
  area_px: sql`l.area`,
  width: sql`(l.w / p."width")`,
  height: sql`(l.h / p."height")`,
  x: sql`(l.x / p."width")`,
  y: sql`(l.y / p."height")`,
  width_px: sql`l.w`,
  height_px: sql`l.h`,
  x_px: sql`l.x`,
  y_px: sql`l.y`,
  score: sql`l.score`,
  author: sql`l.author`,
}

const relative = new Set<LabelColumn>(['width', 'height', 'x', 'y'])

/** Whether the column needs the size of the picture, that is the join under alias `p`. */
export const needsSample = ({ source }: Column): boolean => source.kind === 'label' && relative.has(source.name)

/** RFC 6901 */
const jsonPointer = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** True, false, or null where the value is missing; `negated` is false or true only, the exact opposite of being true. */
export function testSql(column: Column, test: Test, negated: boolean): Sql {
  const value = columnSql(column)
  if (test.kind === 'missing') return negated ? sql`${value} IS NOT NULL` : sql`${value} IS NULL`
  if (negated && test.kind === 'compare' && test.operator === '=')
    return sql`${value} IS DISTINCT FROM ${bind(test.value)}`
  const plain = valueTestSql(value, test, column)
  return negated ? sql`(${plain}) IS NOT TRUE` : plain
}

const operators = { '=': sql` = `, '<': sql` < `, '<=': sql` <= `, '>': sql` > `, '>=': sql` >= ` }

/** A test other than "missing" of any SQL value. */
export function valueTestSql(value: Sql, test: Exclude<Test, { kind: 'missing' }>, column: Column | null): Sql {
  switch (test.kind) {
    case 'compare':
      return sql`${value}${operators[test.operator]}${bind(test.value)}`
    case 'between':
      return sql`${value} BETWEEN ${bind(test.low)} AND ${bind(test.high)}`
    case 'in':
      return sql`${value} IN (${join(test.values.map(bind), ', ')})`
    case 'glob':
      return globSql(value, test.pattern, column)
  }
}

function globSql(value: Sql, pattern: string, column: Column | null): Sql {
  const folders = column?.source.kind === 'field' && (column.title === 'path' || column.title === 'source')
  const { like, exact } = globToLike(pattern, { folders })
  const scan = sql`${value} LIKE ${bindText(like)} ESCAPE '\\'`
  if (exact) return scan
  return sql`(${scan} AND regexp_matches(${value}, ${bindText(globToRegex(pattern, { folders }))}, 's'))`
}
