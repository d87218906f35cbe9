import { expect, test } from 'vitest'
import { describeProgress } from './progress.ts'
import { listFields, readForm } from './schema-form.ts'

test('progress says what is done, how fast, and how long it takes', () => {
  const progress = { stage: 'embed', done: 1200, total: 5000, unit: 'samples', rate: 42.4, secondsLeft: 95 }
  expect(describeProgress(progress)).toBe('embed: 1,200 / 5,000 samples, 42/s, 2 min left')
  expect(describeProgress({ ...progress, total: null, rate: null, secondsLeft: null })).toBe('embed: 1,200 samples')
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
  ])
  expect(readForm(fields, { dataset: 'tiles', limit: '7', save: 'false', tags: 'a, b' })).toEqual({
    dataset: 'tiles',
    limit: 7,
    save: false,
    tags: ['a', 'b'],
  })
  expect(readForm(fields, { tags: '["x"]' })).toEqual({ tags: ['x'] })
  expect(() => readForm(fields, { tags: '{"x"' })).toThrow(SyntaxError)
})
