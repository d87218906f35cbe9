import { describe, expect, it } from 'vitest'
import { compileQuery } from './compile.ts'
import type { CompiledQuery } from './schema.ts'
import { schema } from './testing/schema.ts'

const compile = (text: string): CompiledQuery => compileQuery(text, schema)
const inLabels = (condition: string, rest = ''): string =>
  `s.id IN (SELECT l.sample_id FROM labels l WHERE l.layer_id = $1::INTEGER${condition}${rest})`
const grouped = ' GROUP BY l.sample_id HAVING '

describe('compileQuery', () => {
  it.each<[string, string, unknown[]]>([
    ['', 'TRUE', []],
    ['width >= 640', 's."width" >= $1::BIGINT', [640]],
    ['width >= 640.5', 's."width" >= $1::DOUBLE', [640.5]],
    ['bytes < 9007199254740993', 's."bytes" < $1::BIGINT', [9007199254740993n]],
    ['brightness > 1e300', 's."brightness" > $1::DOUBLE', ['1e+300']],
    ['split != "val"', 's."split" IS DISTINCT FROM $1::VARCHAR', ['val']],
    ['not brightness < 0.5', '(s."brightness" < $1::DOUBLE) IS NOT TRUE', [0.5]],
    ['grayscale', 's."grayscale" = $1::BOOLEAN', [true]],
    ['captured_at > 2024-05-01T01:00:00.5+02:00', 's."captured_at" > $1::TIMESTAMP', ['2024-04-30 23:00:00.500000']],
    ['phash = ffffffffffffffff', 's."phash" = $1::UBIGINT', [2n ** 64n - 1n]],
    ['id = "s_12"', 's."id" = $1::BIGINT', [12]],
    ['path ~ "*.jpg"', `s."path" LIKE $1::VARCHAR ESCAPE '\\'`, ['%.jpg']],
    [
      'path ~ "line-3/*.jpg"',
      `(s."path" LIKE $1::VARCHAR ESCAPE '\\' AND regexp_matches(s."path", $2::VARCHAR, 's'))`,
      ['%line-3/%.jpg', String.raw`^(?:.*/)?line-3/[^/]*\.jpg$`],
    ],
    ['tag:blurry', 's.id IN (SELECT t.sample_id FROM tags t WHERE t.tag_id = $1::INTEGER)', [1]],
    ['-tag:blurry', 's.id NOT IN (SELECT t.sample_id FROM tags t WHERE t.tag_id = $1::INTEGER)', [1]],
    ['labels.count > 0', inLabels(''), [1]],
    ['labels.count = 0', inLabels('').replace('IN', 'NOT IN'), [1]],
    ['class = "crack"', inLabels(' AND l.class_id = $2::INTEGER'), [1, 1]],
    [
      'labels[area > 0.01].count >= 2',
      inLabels(' AND l.area_share > $2::DOUBLE', `${grouped}count(*) >= $3::BIGINT`),
      [1, 0.01, 2],
    ],
    [
      'crack < 3',
      inLabels(' AND l.class_id = $2::INTEGER', `${grouped}NOT (count(*) < $3::BIGINT)`).replace('IN', 'NOT IN'),
      [1, 1, 3],
    ],
    ['dent = 4', 's."dent" = $1::BIGINT', [4]],
    ['count("dent") > 0', inLabels(' AND l.class_id = $2::INTEGER'), [1, 3]],

    ['`class` = "x"', 's."class" = $1::VARCHAR', ['x']],
    [
      'labels[occluded]',
      inLabels(
        ` AND CASE json_extract_string(l.attributes, $2::VARCHAR) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END = $3::BOOLEAN`,
      ),
      [1, '/occluded', true],
    ],
    [
      'labels[width > 0.5]',
      's.id IN (SELECT l.sample_id FROM labels l JOIN samples p ON p.id = l.sample_id WHERE l.layer_id = $1::INTEGER AND (l.w / p."width") > $2::DOUBLE)',
      [1, 0.5],
    ],
  ])('%s', (text, sql, values) => {
    expect(compile(text).where).toEqual({ text: sql, values })
  })

  it('keeps order and limit beside the condition', () => {
    expect(compile('order by brightness desc, crack limit 100')).toEqual({
      where: { text: 'TRUE', values: [] },
      orderBy:
        's."brightness" DESC NULLS LAST, (SELECT count(*) FROM labels l WHERE l.sample_id = s.id AND l.layer_id = 1 AND l.class_id IN (1)) ASC NULLS LAST',
      limit: 100,
    })
  })

  it('takes a default layer that holds nothing yet for empty', () => {
    const empty = { ...schema, layers: [] }
    expect(compileQuery('objects > 0', empty).where.text).toBe('FALSE')
    expect(compileQuery('labels.count < 5', empty).where.text).toBe('TRUE')
    expect(compileQuery('class is missing', empty).where.text).toBe('TRUE')
    expect(compileQuery('not labels.area.max > 0.1', empty).where.text).toBe('TRUE')
  })

  it.each([
    'similar("s_12") > 0.8',
    'text("a cracked tile")',
    'width > 3 and text("a") > 0.2',
    'order by similar("s_1") desc',
  ])('%s needs embeddings', (text) => {
    expect(() => compile(text)).toThrow(expect.objectContaining({ code: 'QUERY_NEEDS_EMBEDDINGS' }))
  })
})
