// @vitest-environment node
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withQuery } from './history.ts'
import { insertSuggestion, type Suggestion } from './insert.ts'
import { paintQuery } from './paint.ts'
import { splitTerms } from './terms.ts'
import { readTokens } from './tokens.ts'

const coloursOf = (text: string): string[] =>
  paintQuery(text, []).flatMap(({ text: piece, colour }) => (piece.trim() === '' ? [] : [`${piece} ${colour}`]))

test('pieces are coloured by what they are', () => {
  expect(coloursOf('width >= 640 and tag:blurry')).toEqual([
    'width field',
    '>= operator',
    '640 number',
    'and keyword',
    'tag field',
    ': operator',
    'blurry tag',
  ])
  expect(coloursOf('split in ("a", b) tile order by sharpness desc limit 3')).toEqual([
    'split field',
    'in keyword',
    '( text',
    '"a" string',
    ', text',
    'b text',
    ') text',
    'tile text',
    'order keyword',
    'by keyword',
    'sharpness field',
    'desc keyword',
    'limit keyword',
    '3 number',
  ])
  expect(coloursOf('labels[class = "x"].area.max > .1 -note:y')).toEqual([
    'labels field',
    '[ text',
    'class field',
    '= operator',
    '"x" string',
    '] text',
    '.area.max field',
    '> operator',
    '.1 number',
    '- keyword',
    'note field',
    ': operator',
    'y string',
  ])
})

test('faults are cut out to the letter', () => {
  const wrong = paintQuery('class = "crak"', [{ start: 9, end: 12 }]).filter(({ isWrong }) => isWrong)
  expect(wrong).toEqual([{ text: 'cra', colour: 'string', isWrong: true }])
})

test('pieces and tokens cover any text once', () => {
  const texts = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('a', '"', '\\', ' ', '(', '!', '-', '1', '<', '>', '`', '😀', 'order by '))
      .map((l) => l.join('')),
  )
  fc.assert(
    fc.property(texts, fc.nat(9), fc.nat(9), (text, a, b) => {
      const pieces = paintQuery(text, [{ start: Math.min(a, b), end: Math.max(a, b) }])
      expect(pieces.map((piece) => piece.text).join('')).toBe(text)
      let at = 0
      for (const token of readTokens(text)) {
        expect(text.slice(at, token.start).trim()).toBe('')
        expect(token.end).toBeGreaterThan(token.start)
        at = token.end
      }
      expect(text.slice(at).trim()).toBe('')
    }),
    { numRuns: 1_000, seed: 3 },
  )
})

test.each([
  ['a = 1 b in (1, 2) or c', 1, true],
  ['a not between 1 and -2 and b is not missing', 2, false],
  ['layer("x").labels[a or b].area.max > 1 and count("x") > 2', 2, false],
  ['"quoted" text-1 2024-05-01 42', 4, false],
  ['limit 5 order by a', 0, false],
])('%j has %i terms', (text, count, isChoice) => {
  expect(splitTerms(text)).toMatchObject({ isChoice, terms: { length: count } })
})

test.each(['a =', 'a and', 'and a', '(a', 'a)', 'labels[a)', 'a in b', 'a between 1 or 2', '"a', 'a : b', '> 3'])(
  '%j has no terms',
  (text) => {
    expect(splitTerms(text)).toBeUndefined()
  },
)

const suggestion = (text: string, start: number, end: number): Suggestion => ({
  text,
  kind: 'field',
  detail: '',
  count: null,
  replace: { start, end },
})

test.each([
  ['wi', suggestion('width', 0, 2), 'width ', 6],
  ['wi > 3', suggestion('width', 0, 2), 'width > 3', 6],
  ['labels[ar]', suggestion('area', 7, 9), 'labels[area]', 11],
  ['ta', suggestion('tag:', 0, 2), 'tag:', 4],
])('into %j goes a suggestion', (text, added, expected, at) => {
  expect(insertSuggestion({ text, at: text.length }, added)).toEqual({ text: expected, at })
})

test('a history holds each query once, newest first, and no more than 50', () => {
  let history: string[] = []
  for (let i = 0; i < 60; i++) history = withQuery(history, `q${i}`)
  expect(history).toHaveLength(50)
  expect(withQuery(history, 'q30').slice(0, 2)).toEqual(['q30', 'q59'])
  expect(withQuery(history, 'q30')).toHaveLength(50)
})
