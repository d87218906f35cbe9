import { expect, test } from 'vitest'
import { listSpecs } from '#app'
import { describeFlags, readFlags, readScalar } from './options.ts'
import type { Terminal } from './terminal.ts'

const flagsOf = (id: string): Record<string, string> =>
  Object.fromEntries(describeFlags(listSpecs().get(id)!).map(({ flag, kind }) => [flag, kind]))

test('flags follow the schema of the input', () => {
  expect(flagsOf('dataset.import')).toEqual({
    path: 'text',
    dataset: 'text',
    format: 'text',
    layer: 'text',
    split: 'text',
    copy: 'boolean',
    'on-error': 'text',
  })
  expect(flagsOf('query.run')).toEqual({
    dataset: 'text',
    query: 'text',
    fields: 'list',
    limit: 'number',
    offset: 'number',
  })
  expect(flagsOf('sample.set')).toEqual({ dataset: 'text', query: 'text', field: 'text', value: 'scalar' })
  expect(flagsOf('dataset.create')).toMatchObject({ card: 'json' })
  expect(flagsOf('ontology.edit-class')).toMatchObject({ hotkey: 'text' })
})

test('no flag of any operation is taken by the command line itself', () => {
  for (const spec of listSpecs().values()) {
    for (const { flag } of describeFlags(spec))
      expect(['json', 'yes', 'workspace', 'help', 'version', 'input']).not.toContain(flag)
  }
})

test.each([
  ['.95', 0.95],
  ['-.5', -0.5],
  ['3.', 3],
  ['1e-3', 0.001],
])('the number %s', async (text, value) => {
  const spec = listSpecs().get('curation.duplicates')!
  expect(await readFlags(spec, { threshold: text }, {}, {} as Terminal)).toMatchObject({ threshold: value })
})

test('values read as what they look like', () => {
  expect(['12', '-1.5', '1e3', 'true', 'null', '"12"', '007', 'train', '', '1.2.3'].map(readScalar)).toEqual([
    12,
    -1.5,
    1000,
    true,
    null,
    '12',
    '007',
    'train',
    '',
    '1.2.3',
  ])
})
