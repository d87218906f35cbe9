import { expect, test } from 'vitest'
import { readBlocks } from './markdown.ts'

test('a description is read as blocks; what is not known stays text', () => {
  expect(
    readBlocks('# Tiles\nSurfaces of **tiles**,\r\nseen by `cam`.\n\n- one\n- <b>two</b>\n```\n# code\n```'),
  ).toEqual([
    { kind: 'heading', spans: [{ kind: 'text', text: 'Tiles' }] },
    {
      kind: 'paragraph',
      spans: [
        { kind: 'text', text: 'Surfaces of ' },
        { kind: 'strong', text: 'tiles' },
        { kind: 'text', text: ',\nseen by ' },
        { kind: 'code', text: 'cam' },
        { kind: 'text', text: '.' },
      ],
    },
    { kind: 'list', items: [[{ kind: 'text', text: 'one' }], [{ kind: 'text', text: '<b>two</b>' }]] },
    { kind: 'code', text: '# code' },
  ])
  expect(readBlocks('')).toEqual([])
  expect(readBlocks('```\nopen')).toEqual([{ kind: 'code', text: 'open' }])
})
