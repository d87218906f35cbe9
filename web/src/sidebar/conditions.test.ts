// @vitest-environment node
import fc from 'fast-check'
import { beforeAll, expect, test, vi } from 'vitest'

// The module reaches the page's address through shell/view.ts.
vi.stubGlobal('location', { search: '' })
vi.stubGlobal('addEventListener', () => {})
let conditions: typeof import('./conditions.ts')
beforeAll(async () => {
  conditions = await import('./conditions.ts')
})

test.each([
  ['', 'tag:a', 'tag:a'],
  ['width > 3', 'tag:a', 'width > 3 and tag:a'],
  ['width > 3 or tile', 'tag:a', 'tag:a and (width > 3 or tile)'],
  ['(width > 3 or tile)', 'tag:a', '(width > 3 or tile) and tag:a'],
  ['order by width limit 3', 'tag:a', 'tag:a order by width limit 3'],
  ['tile order by width', 'tag:a', 'tile and tag:a order by width'],
  ['limit 3', 'tag:a', 'tag:a limit 3'],
  ['note = "x order by y" limit 3', 'tag:a', 'note = "x order by y" and tag:a limit 3'],
  ['"a or b"', 'tag:a', '"a or b" and tag:a'],
  ['labels[class = "x" or area > 0.1].count > 2', 'tag:a', 'labels[class = "x" or area > 0.1].count > 2 and tag:a'],
  ['tag = "a" tile', 'tag:a', 'tag = "a" tile'],
  ['(tile', 'tag:a', '(tile'],
  ['note = "open', 'tag:a', 'note = "open'],
])('to %j is added %s', (query, condition, expected) => {
  expect(conditions.addTo(query, condition)).toBe(expected)
})

test.each([
  ['tag:a', 'tag = "a"', ''],
  ['tag:a order by width', 'tag = "a"', 'order by width'],
  ['tile tag:a  night', 'tag:a', 'tile  night'],
  ['tile tag:"a"(night)', 'tag:a', 'tile (night)'],
  ['tag:a and tile', 'tag:a', 'tile'],
  ['tag:a and (x or y)', 'tag:a', 'x or y'],
  ['tag:a and (x y)', 'tag:a', '(x y)'],
  ['tag:a or tile', 'tag:a', 'tag:a or tile'],
  ['(tag:a) and tile', 'tag:a', '(tag:a) and tile'],
  ['note = "tag:a" and tile', 'tag:a', 'note = "tag:a" and tile'],
  ['width between 1 and 2 and tag:a', 'tag:a', 'width between 1 and 2'],
  ['-tag:a tile', 'not tag = "a"', 'tile'],
  ['split != "val" and tile', 'not split = "val"', 'tile'],
  ['path !~ "a/**"', 'not path ~ "a/**"', ''],
])('from %j is taken %s', (query, condition, expected) => {
  expect(conditions.removeFrom(query, condition)).toBe(expected)
})

test('a range replaces the one before, where that stood', () => {
  const { writeRange, readRange } = conditions
  const first = writeRange('tile order by path', 'width', { low: '3', high: '9' })
  expect(first).toBe('tile and width >= 3 and width <= 9 order by path')
  const more = conditions.addTo(first, 'tag:a')
  const second = writeRange(more, 'width', { low: '-4.5' })
  expect(second).toBe('tile and width >= -4.5 and tag:a order by path')
  expect(readRange(second, 'width')).toEqual({ low: '-4.5', high: undefined })
  expect(writeRange(second, 'width', {})).toBe('tile and tag:a order by path')
  expect(writeRange(writeRange('a or b', 'width', { low: '3', high: '9' }), 'width', {})).toBe('a or b')
})

test('values of a field are wanted together', () => {
  const { toggleValue, readValues } = conditions
  const one = toggleValue('tile', 'split', '"val"')
  expect(one).toBe('tile and split = "val"')
  const two = toggleValue(one, 'split', '"x y"')
  expect(two).toBe('tile and split in ("val", "x y")')
  expect(readValues(two, 'split')).toEqual(['"val"', '"x y"'])
  expect(toggleValue(two, 'split', '"val"')).toBe('tile and split = "x y"')
  expect(toggleValue(one, 'split', '"val"')).toBe('tile')
  expect(toggleValue('split:val', 'split', '"train"')).toBe('split in ("val", "train")')
  expect(toggleValue('not split = "val"', 'split', '"val"')).toBe('split = "val"')
})

test('a field whose name means something else is written in back quotes', () => {
  expect(conditions.toggleValue('class = "a"', 'class', '"a"')).toBe('class = "a" and `class` = "a"')
  expect(conditions.has('`class` = "a"', 'class = "a"')).toBe(false)
})

test('including ends an exclusion and the other way round', () => {
  const { toggle, not } = conditions
  expect(toggle('not tag:a and tile', 'tag:a', not('tag:a'))).toBe('tile and tag:a')
  expect(toggle('tag:a', not('tag:a'), 'tag:a')).toBe('not tag:a')
})

const quoted = fc
  .oneof(fc.constantFrom('a b', ' or ', 'order by x', '(', 'limit 3', '\\', '"'), fc.string({ maxLength: 5 }))
  .map((text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
const plain = fc.oneof(
  quoted,
  quoted.map((text) => `note = ${text}`),
  quoted.map((text) => `tag:${text}`),
  quoted.map((text) => `labels[class = ${text} and area > 0.1].area.max >= 0.5`),
  quoted.map((text) => `layer(${text}).objects > 2`),
  quoted.map((text) => `split not in (${text}, "b")`),
  fc.constantFrom(
    'tile',
    'width > 3',
    'bytes between 1 and 10MB',
    'note is not missing',
    'slice:night',
    '-tag:x',
    '42',
  ),
  fc.constantFrom(
    'captured_at >= 2024-05-01T10:00:00Z',
    'not note exists',
    'a.b <> -3',
    '`class` = x',
    'path!~a/**/b.jpg',
  ),
)
const chain = (of: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(of, fc.constantFrom(' and ', ' or ', ' ', '  AND\n')), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map(([term, join], i) => (i === parts.length - 1 ? term : term + join)).join(''))
const where = fc.oneof(
  fc.constant(''),
  chain(
    fc.oneof(
      plain,
      chain(plain).map((inner) => `(${inner})`),
      chain(plain).map((inner) => `not (${inner})`),
    ),
  ),
)
const tails = fc.constantFrom('', 'order by width desc, "a b"', 'limit 3', 'ORDER BY count("x") LIMIT 0')
const queries = fc.tuple(where, tails).map((parts) => parts.filter((part) => part !== '').join(' '))

test('taking out what was added gives the old text', () => {
  fc.assert(
    fc.property(queries, plain, (query, condition) => {
      fc.pre(!conditions.has(query, condition))
      const added = conditions.addTo(query, condition)
      expect(added).not.toBe(query)
      expect(conditions.has(added, condition)).toBe(true)
      expect(conditions.removeFrom(added, condition)).toBe(query)
    }),
    { numRuns: 2_000, seed: 5 },
  )
})

test('setting and clearing a range gives the old text', () => {
  fc.assert(
    fc.property(queries, (query) => {
      const set = conditions.writeRange(query, 'entropy', { low: '0.25', high: '-1e-7' })
      const moved = conditions.writeRange(set, 'entropy', { low: '1', high: '2' })
      expect(conditions.readRange(moved, 'entropy')).toEqual({ low: '1', high: '2' })
      expect(conditions.writeRange(moved, 'entropy', {})).toBe(query)
    }),
    { numRuns: 1_000, seed: 6 },
  )
})
