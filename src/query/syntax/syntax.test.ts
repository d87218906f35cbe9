import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatQuery, parseQuery } from '../index.ts'
import type { Query } from './ast.ts'

/** The tree without places. */
const shape = (query: Query): unknown =>
  JSON.parse(
    JSON.stringify(query, (key, value) =>
      key === 'span' || key === 'nameSpan' || key === 'argumentSpan' ? undefined : value,
    ),
  )

describe('parseQuery', () => {
  it('gives every node its place', () => {
    expect(parseQuery('width > 3 -tag:x')).toEqual({
      kind: 'query',
      where: {
        kind: 'and',
        terms: [
          {
            kind: 'compare',
            operand: { kind: 'name', name: 'width', quote: '', span: { start: 0, end: 5 } },
            operator: '>',
            value: { kind: 'value', text: '3', form: 'number', span: { start: 8, end: 9 } },
            span: { start: 0, end: 9 },
          },
          {
            kind: 'not',
            term: {
              kind: 'compare',
              operand: { kind: 'name', name: 'tag', quote: '', span: { start: 11, end: 14 } },
              operator: '=',
              value: { kind: 'value', text: 'x', form: 'word', span: { start: 15, end: 16 } },
              span: { start: 11, end: 16 },
            },
            span: { start: 10, end: 16 },
          },
        ],
        span: { start: 0, end: 16 },
      },
      order: [],
      limit: null,
      span: { start: 0, end: 16 },
    })
  })

  it.each([
    ['a=1 b=2 or c=3', 'a = 1 and b = 2 or c = 3', '(a = 1 and b = 2) or c = 3'],
    ['NOT a = 1 AND b = 2', '(not a = 1) and b = 2', 'not a = 1 and b = 2'],
    ['a<>-1', 'a != -1', 'a != -1'],
    ['a not between 1 and 2 and b', '(a not between 1 and 2) b', 'a not between 1 and 2 and b'],
    ['a is not null', 'a exists', 'a exists'],
    ['cracked tile', 'cracked and tile', 'cracked and tile'],
    ["split = 'O\\'Brien \"x\"'", 'split = "O\'Brien \\"x\\""', 'split = "O\'Brien \\"x\\""'],
    ['captured_at > 2024-05-01T10:00:00Z', 'captured_at > 2024-05-01T10:00:00Z', 'captured_at > 2024-05-01T10:00:00Z'],
    ['labels[ class = "crack" ].count>=2', 'labels[class="crack"].count >= 2', 'labels[class = "crack"].count >= 2'],
    ['limit 5 order by a desc, b', 'order by a desc, b asc limit 5', 'order by a desc, b limit 5'],
    ['path~line-3/*.jpg', 'path ~ line-3/*.jpg', 'path ~ line-3/*.jpg'],
  ])('%s', (text, same, canonical) => {
    expect(shape(parseQuery(text))).toEqual(shape(parseQuery(same)))
    expect(formatQuery(parseQuery(text))).toBe(canonical)
  })
})

describe('formatQuery', () => {
  const odd = fc.oneof(
    fc.constantFrom('a', 'tile 3', '"', '\\', "it's", '`', 'and', '', 'n\\"', '😀'),
    fc.string({ maxLength: 6 }),
  )
  const quotedText = odd.map((text) => JSON.stringify(text).replaceAll(/\\[^"\\]/g, ''))
  const name = fc.oneof(
    fc.constantFrom('width', 'exif.iso', 'crack', 'x_1', 'objects'),
    quotedText,
    quotedText.map((text) => text.replaceAll('\\"', '').replaceAll('"', '`')),
  )
  const value = fc.oneof(fc.constantFrom('3', '-1.5', '.5e3', '2024-05-01', 'word-1', '10MB'), quotedText)
  const sign = fc.constantFrom('=', '!=', '<>', '<', '<=', '>', '>=', '~', '!~', ':')
  const { term } = fc.letrec<{ term: string }>((tie) => ({
    term: fc.oneof(
      { maxDepth: 4 },
      fc.tuple(name, sign, value).map(([a, b, c]) => (b === ':' ? `${a}:${c}` : `${a} ${b} ${c}`)),
      fc
        .tuple(
          name,
          fc.constantFrom('exists', 'is missing', 'not exists', 'in (1, "x")', 'not in (a)', 'between 1 and 2'),
        )
        .map((parts) => parts.join(' ')),
      quotedText,
      fc.constantFrom(
        'tile',
        'line-3/x.jpg',
        '42',
        '2024-05-01',
        'slice:"a b"',
        'slice:x',
        'text("a b")',
        'similar("s_1") > 0.8',
        'count("x") > 2',
        'labels',
        'labels.area.max > 1',
        'layer("x").objects > 0',
      ),
      tie('term').map((inner) => `labels[${inner}].count > 1`),
      tie('term').map((inner) => `layer("a").labels[${inner}]`),
      tie('term').map((inner) => `(${inner})`),
      tie('term').map((inner) => `not ${inner}`),
      tie('term').map((inner) => `-${inner}`),
      fc.tuple(tie('term'), fc.constantFrom(' and ', ' or ', ' '), tie('term')).map((parts) => parts.join('')),
    ),
  }))
  const tail = fc.constantFrom('', ' order by width desc, "a b"', ' limit 3', ' order by count("x") limit 0')

  it('writes text that parses to the same tree', () => {
    let parsed = 0
    fc.assert(
      fc.property(term, tail, (where, rest) => {
        let query: Query
        try {
          query = parseQuery(where + rest)
        } catch {
          return // a date or number before an operator, "--", …: not of the language
        }
        parsed++
        const text = formatQuery(query)
        expect(shape(parseQuery(text)), text).toEqual(shape(query))
        expect(formatQuery(parseQuery(text))).toBe(text)
      }),
      { numRuns: 2_000, seed: 11 },
    )
    expect(parsed).toBeGreaterThan(1_500)
  })
})
