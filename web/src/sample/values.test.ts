// @vitest-environment node
import { beforeAll, describe, expect, it, test, vi } from 'vitest'
import type { FieldFacts } from './values.ts'

let values: typeof import('./values.ts')
beforeAll(async () => {
  // The page's view reads the address when it is loaded.
  vi.stubGlobal('location', { search: '' })
  vi.stubGlobal('addEventListener', () => {})
  values = await import('./values.ts')
})

const field = (name: string, type: FieldFacts['type'], unit: string | null = null, builtIn = true): FieldFacts => ({
  name,
  type,
  unit,
  builtIn,
})

describe('formatValue', () => {
  test.each<[string | number | boolean | null, FieldFacts, string]>([
    [null, field('note', 'string'), 'missing'],
    [true, field('grayscale', 'boolean'), 'yes'],
    [false, field('grayscale', 'boolean'), 'no'],
    ['<b>hi</b>', field('note', 'string'), '<b>hi</b>'],
    ['2024-05-01T18:30:00.123Z', field('captured_at', 'datetime'), '2024-05-01 18:30:00 UTC'],
    [1920, field('width', 'integer', 'px'), '1920 px'],
    [118_176, field('bytes', 'integer', 'bytes'), '118 kB'],
    [999, field('bytes', 'integer', 'bytes'), '999 bytes'],
    [999_999, field('bytes', 'integer', 'bytes'), '1 MB'],
    [1_234_567_890_123_456, field('bytes', 'integer', 'bytes'), '1235 TB'],
    [12_345, field('count', 'integer'), '12,345'],
    [0.357217367431741, field('brightness', 'number', '0..1'), '0.3572'],
    [0.004, field('exif.shutter', 'number', 's'), '1/250 s'],
    [2, field('exif.shutter', 'number', 's'), '2 s'],
    [2.8, field('exif.aperture', 'number', 'f-number'), 'f/2.8'],
    [48.858222, field('exif.latitude', 'number', 'degrees'), '48.86°'],
    [-0.0000001234, field('score', 'number'), '-1.234e-7'],
    [0, field('score', 'number'), '0'],
  ])('%j of %j is %s', (value, facts, expected) => {
    expect(values.formatValue(value, facts)).toBe(expected)
  })
})

describe('conditionOf', () => {
  test.each<[string | number | boolean | null, FieldFacts, string]>([
    [null, field('split', 'string'), 'split is missing'],
    [true, field('grayscale', 'boolean'), 'grayscale = true'],
    ['a "b" \\ c', field('note', 'string'), 'note = "a \\"b\\" \\\\ c"'],
    ['night', field('shift (2)', 'string'), '`shift (2)` = "night"'],
    [
      '2024-02-29T23:59:59Z',
      field('captured_at', 'datetime'),
      'captured_at >= 2024-02-29 and captured_at < 2024-03-01',
    ],
    [640, field('width', 'integer'), 'width = 640'],
    [0, field('saturation', 'number'), 'saturation = 0'],
    [0.5, field('brightness', 'number'), 'brightness between 0.475 and 0.525'],
    [-2, field('exif.longitude', 'number'), 'exif.longitude between -2.1 and -1.9'],
    [2e-8, field('x', 'number'), 'x between 0.000000019 and 0.000000021'],
  ])('%j of %j is %s', (value, facts, expected) => {
    expect(values.conditionOf(value, facts)).toBe(expected)
  })
})

it('groups fields by what they are about and leaves out what stands elsewhere', () => {
  const fields = [
    field('id', 'integer'),
    field('path', 'string'),
    field('split', 'string'),
    field('note', 'string'),
    field('width', 'integer'),
    field('exif.iso', 'integer'),
    field('captured_at', 'datetime'),
    field('cluster', 'string', null, false),
  ]
  const told = (find?: string): [string, string[]][] =>
    values.groupFields(fields, find).map(({ title, fields: some }) => [title, some.map(({ name }) => name)])
  expect(told()).toEqual([
    ["The dataset's own", ['cluster']],
    ['Picture', ['width']],
    ['Camera', ['exif.iso', 'captured_at']],
    ['File', ['path']],
    ['Record', ['id']],
  ])
  expect(told(' EXIF')).toEqual([['Camera', ['exif.iso']]])
  expect(told('nothing')).toEqual([])
})
