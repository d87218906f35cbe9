import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isWanted, nameOf, targetOf } from './chosen.ts'
import { queriesOf } from './chunks.ts'
import { describeBytes, describeProgress, describeResult, describeSpan } from './progress.ts'
import { readValue } from './read-value.ts'
import { listFields, readForm } from './schema-form.ts'
import { nameUpload } from './upload.ts'

test('progress says what is done, how fast, and how long it takes', () => {
  const progress = { stage: 'embed', done: 1200, total: 5000, unit: 'samples', rate: 42.4, secondsLeft: 95 }
  expect(describeProgress(progress)).toBe('embed: 1,200 / 5,000 samples, 42/s, 2 min left')
  expect(describeProgress({ ...progress, total: null, rate: null, secondsLeft: null })).toBe('embed: 1,200 samples')
})

test('sizes, spans and results are said in short', () => {
  expect([0, 999, 1000, 15_360_000, 999_999, 2e9].map(describeBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '15.4 MB',
    '1.0 MB',
    '2.0 GB',
  ])
  expect(describeSpan('2026-01-01T00:00:00Z', '2026-01-01T00:00:02.5Z')).toBe('2.5 s')
  expect(describeSpan('2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z')).toBe('5 min')
  expect(
    describeResult({
      dataset: 'd',
      added: 1200,
      updated: 0,
      seconds: 3.5,
      mixedGroups: 2,
      groups: [1, 2],
      change: 'c_1',
      x: null,
    }),
  ).toBe('dataset d · added 1,200 · mixed groups 2 · groups 2')
  expect(describeResult(null)).toBe('')
})

test('many samples are named in queries that are short enough, each sample once', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1e9), { maxLength: 4000 }), (ids) => {
      const queries = queriesOf(ids)
      expect(queries.every(({ length }) => length <= 20_000)).toBe(true)
      expect(queries.flatMap((query) => [...query.matchAll(/s_(\d+)/g)].map((match) => Number(match[1])))).toEqual(ids)
    }),
    { numRuns: 30 },
  )
  expect(queriesOf([1, 2, 3], 2)).toEqual(['id in (s_1, s_2)', 'id in (s_3)'])
})

test('a value is read as its field wants it', () => {
  expect([readValue('', 'string'), readValue('007', 'string'), readValue('007', null)]).toEqual([null, '007', 7])
  expect([readValue('true', null), readValue('true', 'string'), readValue('1e3', 'number')]).toEqual([
    true,
    'true',
    1000,
  ])
  expect(readValue('2024-05-01', 'datetime')).toBe('2024-05-01')
  expect(readValue('2024-05-01', null)).toBe('2024-05-01')
  expect(() => readValue('many', 'integer')).toThrow(RangeError)
  expect(() => readValue('1', 'boolean')).toThrow(RangeError)
})

test('what systems leave in folders is not sent, and a dataset is named after its folder', () => {
  const paths = ['a/1.jpg', 'a/.DS_Store', '.git/x', 'a/Thumbs.db', '__MACOSX/a/1.jpg', 'a/thumbs.dbx']
  expect(paths.filter(isWanted)).toEqual(['a/1.jpg', 'a/thumbs.dbx'])
  expect(nameOf(['my set/a/1.jpg', 'my set/2.jpg'])).toBe('my set')
  expect(nameOf(['archive.zip'])).toBe('archive')
  expect([nameOf(['a.jpg', 'b.jpg']), nameOf(['-?']), nameOf([])]).toEqual(['dataset', 'dataset', 'dataset'])
})

test('a form is made of a schema, and read back as an input', () => {
  const fields = listFields(
    {
      properties: {
        dataset: { type: 'string' },
        query: { type: 'string', default: '' },
        limit: { type: 'integer', default: 20 },
        save: { type: 'boolean', default: true },
        by: { type: 'string', enum: ['auto', 'hash'], default: 'auto' },
        tags: { type: 'array', items: { type: 'string' } },
        value: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'null' }] },
        hotkey: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        either: { anyOf: [{ type: 'string' }, { type: 'array' }] },
      },
      required: ['tags', 'limit'],
    },
    'tiles',
  )
  expect(fields.map(({ key, kind, initial, required }) => [key, kind, initial, required])).toEqual([
    ['dataset', 'text', 'tiles', false],
    ['query', 'text', '', false],
    ['limit', 'number', '20', false],
    ['save', 'boolean', 'true', false],
    ['by', 'choice', 'auto', false],
    ['tags', 'json', '', true],
    ['value', 'value', '', false],
    ['hotkey', 'text', '', false],
    ['either', 'json', '', false],
  ])
  expect(readForm(fields, { dataset: 'tiles', limit: '7', save: 'false', tags: 'a, b', hotkey: '1' })).toEqual({
    dataset: 'tiles',
    limit: 7,
    save: false,
    tags: ['a', 'b'],
    hotkey: '1',
  })
  expect(['7', 'true', 'null', 'a b', '"7"', '[1]'].map((value) => readForm(fields, { value })['value'])).toEqual([
    7,
    true,
    null,
    'a b',
    '7',
    '[1]',
  ])
  expect(readForm(fields, { tags: '["x"]' })).toEqual({ tags: ['x'] })
  expect(() => readForm(fields, { tags: '{"x"' })).toThrow(SyntaxError)
})

test('an upload is named by its files, in any order; what is imported of it is its only folder', () => {
  const chosen = (path: string, size: number, lastModified: number) => ({
    path,
    file: new File(['x'.repeat(size)], path, { lastModified }),
  })
  const [a, b] = [chosen('set/a.jpg', 3, 1), chosen('set/ü.jpg', 4, 2)]
  const name = nameUpload([a, b])
  expect(name).toMatch(/^[a-z0-9]{28}$/)
  expect(nameUpload([b, a])).toBe(name)
  const others = [[a], [a, chosen('set/ü.jpg', 5, 2)], [a, chosen('set/ü.jpg', 4, 3)], [a, chosen('set/u.jpg', 4, 2)]]
  expect(new Set([name, ...others.map(nameUpload)]).size).toBe(5)
  expect(targetOf(['set/a.jpg', 'set/b/c.jpg'])).toBe('set')
  expect([targetOf(['set.zip']), targetOf(['a.jpg']), targetOf(['a/x.jpg', 'b/x.jpg'])]).toEqual(['set.zip', '', ''])
})
