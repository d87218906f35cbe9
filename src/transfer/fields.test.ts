import { expect, it } from 'vitest'
import { createFieldCollector, fieldNameFor } from './fields.ts'

it.each([
  ['line', 'line'],
  ['Line no. 3', 'Line_no._3'],
  ['camera/id', 'camera_id'],
  ['2nd', '_2nd'],
  ['width', 'meta.width'],
  ['note', 'note'],
  ['", drop table', 'drop_table'],
  ['', 'column'],
])('names a column %j %j', (column, name) => {
  expect(fieldNameFor(column)).toBe(name)
})

it('gives a column the type of its first value and names values of another', () => {
  const fields = createFieldCollector({ known: 'string' })
  expect(fields.take({ speed: 3, ok: true, gone: null, known: 5 })).toEqual({
    values: { speed: 3, ok: true, known: '5' },
    mismatches: [],
  })
  expect(fields.take({ speed: 'fast' })).toEqual({
    values: {},
    mismatches: [{ field: 'speed', value: 'fast', type: 'number' }],
  })
  expect(fields.added).toEqual({ speed: 'number', ok: 'boolean' })
})
