import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FoveaError } from '#base'
import { checkQuery, compileQuery } from './compile.ts'
import { schema } from './testing/schema.ts'

function refusal(text: string): FoveaError {
  try {
    compileQuery(text, schema)
  } catch (caught) {
    if (caught instanceof FoveaError) return caught
    throw caught
  }
  throw new Error(`${text} was taken`)
}

describe('a fault', () => {
  it.each<[string, number, number, string, string | null]>([
    [
      'class = "crak"',
      8,
      14,
      'Expected a class of this dataset at character 9, got "crak"; the nearest is "crack".',
      'There are "crack", "blow hole", "dent", "car".',
    ],
    [
      'tag:Blurry',
      4,
      10,
      'Expected a tag of this dataset at character 5, got "Blurry"; the nearest is "blurry".',
      'There are "blurry", "night shift", "reviewed".',
    ],
    [
      'layer("resnet").objects > 0',
      6,
      14,
      'Expected a layer of this dataset at character 7, got "resnet"; the nearest is "resnet-1".',
      'There are "truth", "resnet-1".',
    ],
    [
      'slice:brigt',
      6,
      11,
      'Expected a slice of this dataset at character 7, got "brigt"; the nearest is "bright".',
      null,
    ],
    [
      'widht > 3',
      0,
      5,
      'Expected a field or a class at character 1, got "widht"; the nearest is "width".',
      'To search for words, put them in quotes or leave out the operator.',
    ],
    ['width > abc', 8, 11, 'Expected a number at character 9, got the text "abc".', 'width is an integer (px).'],
    [
      'width > "640"',
      8,
      13,
      'Expected a number at character 9, got the text "640".',
      'Numbers stand without quotes: 640.',
    ],
    [
      'width > 2024-05-01',
      8,
      18,
      'Expected a number at character 9, got the date 2024-05-01.',
      'width is an integer (px).',
    ],
    [
      'brightness > 1e999',
      13,
      18,
      'Expected a number below 1.8e308 at character 14, got the number 1e999.',
      'brightness is a number.',
    ],
    [
      'grayscale = yes',
      12,
      15,
      'Expected true or false at character 13, got the text "yes".',
      'grayscale is a boolean.',
    ],
    ['grayscale > true', 0, 16, 'Expected =, != or in (…) at character 1, got ">".', 'grayscale is a boolean.'],
    [
      'captured_at > 2024-02-30',
      14,
      24,
      'Expected a date or time at character 15, got the date 2024-02-30.',
      'Like 2024-05-01 or 2024-05-01T18:30:00Z; times without an offset are UTC.',
    ],
    [
      'phash = "12"',
      8,
      12,
      'Expected 16 hex digits at character 9, got the text "12".',
      'Like phash = "8f3c1e0077aa55d2".',
    ],
    ['id = 12', 5, 7, 'Expected a sample id at character 6, got the number 12.', 'A sample id looks like "s_12".'],
    ['width ~ "6*"', 0, 12, 'Expected =, !=, <, <=, >, >= or in (…) at character 1, got "~".', 'width is an integer.'],
    [
      'class > "a"',
      0,
      11,
      'Expected =, !=, ~, in (…) or is missing at character 1, got ">".',
      'class has names, which have no order. To count labels of a class: count("name") > 3.',
    ],
    [
      'objects is missing',
      0,
      18,
      'Expected a comparison at character 1, got "is missing".',
      'A count is never missing; write = 0.',
    ],
    [
      'labels[kind = boxx]',
      14,
      18,
      'Expected class, box, polygon, mask, polyline or keypoints at character 15, got "boxx"; the nearest is "box".',
      null,
    ],
    [
      'labels[brightness > 0]',
      7,
      17,
      'Expected a property of labels at character 8, got "brightness".',
      'brightness belongs to samples; put it outside the square brackets.',
    ],
    ['labels[crack]', 7, 12, 'Expected a condition on labels at character 8, got "crack".', 'Write class = "crack".'],
    [
      'labels[labels.count > 3]',
      7,
      19,
      'Expected a property of labels at character 8, got a term about samples.',
      'Inside square brackets stand conditions on one label, like class = "crack" and area > 0.01.',
    ],
    [
      'labels[slice:bright]',
      7,
      19,
      'Expected a condition on labels at character 8, got a slice.',
      'Slices hold samples; put it outside the square brackets.',
    ],
    ['labels.area.max', 15, 15, 'Expected an operator at character 16, got none.', 'Like > 0.8.'],
    [
      'labels.area > 3',
      6,
      11,
      'Expected .count or a measure such as .area.max at character 7, got ".area".',
      'Measures end in .min, .max, .sum, .mean.',
    ],
    [
      'labels.author.max > 3',
      6,
      17,
      'Expected a number of labels at character 7, got "author".',
      'author is a string.',
    ],
    ['similar("12") > 0.8', 8, 12, 'Expected a sample id at character 9, got "12".', 'A sample id looks like "s_12".'],
    [
      'similar("s_1") > high',
      17,
      21,
      'Expected a number at character 18, got the text "high".',
      'similar is a number.',
    ],
    ['`widht` > 3', 0, 7, 'Expected a field at character 1, got "widht"; the nearest is "width".', null],
    [
      '`width`',
      0,
      7,
      'Expected a boolean field, or an operator after the field at character 1, got "width".',
      'To search for the text, use double quotes.',
    ],
    [
      'order by class',
      9,
      14,
      'Expected something to order by at character 10, got a term without order.',
      'Samples are ordered by fields, objects, labels.count, and the count of a class: order by count("crack") desc.',
    ],
    [
      'order by labels[score > 0.5]',
      9,
      28,
      'Expected something to order by at character 10, got a condition on labels.',
      'Samples are ordered by fields, objects, labels.count, and the count of a class: order by count("crack") desc.',
    ],
    [
      'slice:stale',
      6,
      11,
      'Slice "stale" at character 7 cannot be used: Expected a tag of this dataset at character 5, got "gone".',
      'There are "blurry", "night shift", "reviewed".',
    ],
    [
      'slice:"loop a"',
      6,
      14,
      'Slice "loop a" at character 7 cannot be used: Slices must not lead back to themselves, got "loop a" → "loop b" → "loop a".',
      'Change one of them.',
    ],
  ])('of meaning in %s is told at its place', (text, start, end, message, hint) => {
    const error = refusal(text)
    expect(error.code).toBe('QUERY_INVALID')
    expect(error.message).toBe(message)
    expect(error.hint ?? null).toBe(hint)
    expect(error.details).toMatchObject({ span: { start, end } })
  })

  it.each<[string, number, number, string]>([
    ['width >', 7, 7, 'Expected a value at character 8, got the end of the query.'],
    ['width > and', 8, 11, 'Expected a value at character 9, got "and".'],
    ['(width > 3', 10, 10, 'Expected ")", "and" or "or" at character 11, got the end of the query.'],
    [
      'width > 3)',
      9,
      10,
      'Expected "and", "or", "order by", "limit" or the end of the query at character 10, got ")".',
    ],
    ['split = "val', 8, 12, 'Expected a closing " at character 9, got the end of the query.'],
    ['width ! 3', 6, 7, 'Expected a term or an operator at character 7, got "!".'],
    ['5 < width', 2, 3, 'Expected "and", "or" or the end of the query at character 3, got "<".'],
    ['and width > 3', 0, 3, 'Expected a field, a class or labels at character 1, got "and".'],
    ['width > 3 or', 12, 12, 'Expected a term at character 13, got the end of the query.'],
    ['width in 3', 9, 10, 'Expected "(" at character 10, got the number 3.'],
    ['width in (3 4)', 12, 13, 'Expected "," or ")" at character 13, got the number 4.'],
    ['width between 3', 15, 15, 'Expected "and" at character 16, got the end of the query.'],
    ['width is 3', 9, 10, 'Expected "missing" or "not missing" at character 10, got the number 3.'],
    ['labels[class = "crack"', 22, 22, 'Expected "]" at character 23, got the end of the query.'],
    ['layer("truth") > 3', 15, 16, 'Expected .labels, .objects or .class at character 16, got ">".'],
    ['foo(bar)', 0, 3, 'Expected layer, count, similar or text at character 1, got "foo".'],
    ['order width', 6, 11, 'Expected "by" at character 7, got "width".'],
    ['limit 2.5', 6, 9, 'Expected a whole number, 0 or more at character 7, got the number 2.5.'],
    ['limit 5 width > 3', 8, 13, 'Expected "order by", "limit" or the end of the query at character 9, got "width".'],
  ])('of syntax in %s is told at its place', (text, start, end, message) => {
    const error = refusal(text)
    expect(error.message).toBe(message)
    expect(error.details).toMatchObject({ span: { start, end } })
  })

  it('does not hide the others', () => {
    expect(
      checkQuery('tag = blury and (widht > 3 or labels[clas = "x"]) and width > > 3 and brightness > dark', schema).map(
        ({ span }) => span,
      ),
    ).toEqual([
      { start: 6, end: 11 },
      { start: 17, end: 22 },
      { start: 37, end: 41 },
      { start: 62, end: 63 },
      { start: 83, end: 87 },
    ])
    expect(checkQuery('width > 3 and similar("s_1") > 0.5', schema)).toEqual([])
  })

  it('names candidates for programs', () => {
    expect(refusal('class = "crak"').details).toEqual({
      span: { start: 8, end: 14 },
      expected: ['a class of this dataset'],
      candidates: ['crack', 'car'],
    })
  })
})

describe('limits', () => {
  it.each([
    ['length', 'x'.repeat(20_001), 'A query has at most 20000 characters, got 20001.'],
    ['nesting', '('.repeat(5_000), 'A query is nested at most 100 deep; this one goes deeper at character 102.'],
    ['negation', 'not '.repeat(4_000), 'A query is nested at most 100 deep; this one goes deeper at character 405.'],
    ['signs', `${'-'.repeat(9_000)}x`, 'A query is nested at most 100 deep; this one goes deeper at character 102.'],
    [
      'terms',
      'x '.repeat(1_001),
      'A query has at most 1000 terms, those of its slices included; this one passes that at character 2001.',
    ],
    [
      'lookups',
      'tag:blurry '.repeat(101),
      'A query has at most 100 terms about labels and tags, those of its slices included; this one passes that at character 1101.',
    ],
  ])('of %s', (_, text, message) => {
    expect(refusal(text).message).toBe(message)
  })

  it('count what slices unfold to', () => {
    const slices = Array.from({ length: 19 }, (_, i) => ({
      name: `n${i}`,
      query: i === 0 ? 'width > 1' : `slice:n${i - 1} or slice:n${i - 1}`,
    }))
    expect(() => compileQuery('slice:n18', { ...schema, slices })).toThrow('at most 1000 terms')
    const ids = { name: 'ids', query: `width in (${'1,'.repeat(6_000)}1)` }
    expect(() => compileQuery('slice:ids', { ...schema, slices: [ids] })).not.toThrow()
    expect(() => compileQuery('slice:ids or slice:ids', { ...schema, slices: [ids] })).toThrow('at most 10000 values')
    const deep = Array.from({ length: 9 }, (_, i) => ({
      name: `n${i}`,
      query: `${'('.repeat(50)}slice:n${i + 1}${' or a) and b)'.repeat(25)}`,
    }))
    expect(() => compileQuery('slice:n0', { ...schema, slices: deep })).toThrow('nested at most 100 deep')
    const chain = Array.from({ length: 40 }, (_, i) => ({ name: `n${i}`, query: `slice:n${i + 1}` }))
    expect(() => compileQuery('slice:n0', { ...schema, slices: chain })).toThrow('at most 20 deep')
  })
})

describe('hostile text', () => {
  const shard = fc.constantFrom(
    'width',
    'labels',
    '[',
    ']',
    '(',
    ')',
    '.count',
    '.area.max',
    'layer(',
    '"truth"',
    '"',
    "'",
    '`',
    '=',
    '!=',
    '~',
    '<',
    ',',
    ':',
    '-',
    ' ',
    ' ',
    ' and ',
    ' or ',
    ' not ',
    'in',
    ' in (',
    'between',
    'is',
    ' missing',
    'exists',
    'order by ',
    ' limit ',
    '3',
    '-1.5e3',
    '2024-05-01',
    'tag:',
    'slice:both',
    'crack',
    'class',
    'count(',
    'similar("s_1")',
    'text(',
    '\\',
    '\0',
    '😀',
    '\u{d800}',
    "'; DROP TABLE samples; --",
    '$1',
    '__proto__',
    'constructor',
    '%',
    '**',
    '!',
  )
  it('raises nothing but FoveaError', () => {
    const text = fc.oneof(
      fc.array(shard, { maxLength: 25 }).map((shards) => shards.join('')),
      fc.string({ maxLength: 80, unit: 'binary' }),
    )
    fc.assert(
      fc.property(text, (query) => {
        const problems = checkQuery(query, schema)
        let error: FoveaError | null = null
        try {
          compileQuery(query, schema)
        } catch (caught) {
          expect(caught).toBeInstanceOf(FoveaError)
          error = caught as FoveaError
        }
        expect(error === null || error.code === 'QUERY_INVALID' || error.code === 'QUERY_NEEDS_EMBEDDINGS').toBe(true)
        expect(problems.length > 0).toBe(error?.code === 'QUERY_INVALID')
        for (const { span } of problems) {
          expect(span.start >= 0 && span.start <= span.end && span.end <= query.length).toBe(true)
        }
      }),
      { numRuns: 3_000, seed: 7 },
    )
  })

  it('never becomes SQL', () => {
    const secret = `x'; DROP TABLE samples; --`
    const queries = [
      `split = ${JSON.stringify(secret)}`,
      JSON.stringify(secret),
      `path ~ ${JSON.stringify(secret)}`,
      `path in (${JSON.stringify(secret)}, 'a')`,
    ]
    for (const text of queries) {
      const { where } = compileQuery(text, schema)
      expect(where.text).not.toContain('DROP')
      expect(JSON.stringify(where.values)).toContain('DROP')
    }
    const { where } = compileQuery('width > 641 and labels[area > 0.123 and age < 77].count >= 5 limit 99', schema)
    expect(where.text).not.toMatch(/641|0\.123|77|99/)
    expect(compileQuery('`odd "name` > 1', schema).where.text).toBe('s."odd ""name" > $1::DOUBLE')
  })
})
