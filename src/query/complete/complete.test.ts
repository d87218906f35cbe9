import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkQuery } from '../compile.ts'
import { schema } from '../testing/schema.ts'
import { completeQuery } from './complete.ts'

const values = async (field: string) =>
  field === 'split'
    ? [
        { value: 'train', count: 70 },
        { value: 'val "b"', count: 20 },
        { value: null, count: 3 },
      ]
    : []

/** `|` marks the cursor. */
async function complete(marked: string, limit = 6) {
  const at = marked.indexOf('|')
  return completeQuery(marked.replace('|', ''), at, schema, { limit, values })
}

describe('completeQuery', () => {
  it.each<[string, string[]]>([
    ['|', ['class', 'tag:', 'objects', 'labels.count', 'labels[', 'id']],
    ['wid|', ['width']],
    ['exif.|', ['exif.iso']],
    ['width |', ['=', '!=', '<', '<=', '>', '>=']],
    ['grayscale = |', ['true', 'false']],
    ['width > 3 |', ['and', 'or', 'order by', 'limit']],
    ['width > 3 bri|', ['brightness', 'slice:bright']],
    ['tile heig|', ['height']],
    ['labels[score > 0.5 occ|', ['occluded']],
    ['(width > 3 |', ['and', 'or', ')']],
    ['split = |', ['"train"', '"val \\"b\\""']],
    ['split in ("x", "v|', ['"val \\"b\\""']],
    ['class = |', ['"crack"', '"blow hole"', '"dent"', '"car"']],
    ['class:bl|', ['"blow hole"']],
    ['tag:|', ['blurry', '"night shift"', 'reviewed']],
    ['tag:"|', ['"blurry"', '"night shift"', '"reviewed"']],
    ['-ta|', ['tag:', 'tag:blurry', 'tag:"night shift"', 'tag:reviewed', 'slice:stale']],
    ['slice:b|', ['bright', 'both', '"loop b"']],
    ['layer(|', ['"truth"', '"resnet-1"']],
    ['layer("truth").|', ['.labels[', '.labels.count', '.objects', '.class']],
    ['labels[|', ['class', 'kind', 'area', 'area_px', 'width', 'height']],
    ['labels[occ|', ['occluded']],
    ['labels[kind = po|', ['polygon', 'polyline', 'keypoints']],
    ['labels[class = "crack" |', ['and', 'or', ']']],
    ['labels[class = "crack"].c|', ['.count']],
    ['labels[class = "crack"] |', ['>', '>=', '=', '<', '<=', '!=']],
    ['count(|', ['"crack"', '"blow hole"', '"dent"', '"car"']],
    ['order by br|', ['brightness']],
    ['order by simi|', ['similar("']],
    ['order by width |', ['desc', 'asc', ',', 'limit']],
    ['path is |', ['missing', 'not missing', 'null', 'not null']],
    ['captured_at between 2024-01-01 |', ['and']],
    ['nobody = |', []],
    ['width ! |', []],
  ])('%s', async (marked, expected) => {
    const found = await complete(marked)
    expect(found.map(({ text }) => text)).toEqual(expected)
  })

  it('says what to replace, of what kind it is and how many have it', async () => {
    expect(await complete('tag:bl|ur and width > 3')).toEqual([
      { text: 'blurry', kind: 'tag', detail: 'tag', count: 7, replace: { start: 4, end: 8 } },
    ])
    expect(await complete('split = "tr|')).toEqual([
      { text: '"train"', kind: 'value', detail: 'a string', count: 70, replace: { start: 8, end: 11 } },
    ])
    expect(await complete('split = "tr|ain" x')).toMatchObject([{ replace: { start: 8, end: 15 } }])
    expect(await complete('bri|')).toMatchObject([
      { text: 'brightness', kind: 'field', detail: 'number, 0..1', count: null },
      { text: 'slice:bright' },
    ])
  })

  it('suggests what the parser then takes', async () => {
    const starts = [
      '',
      'width > 3 and ',
      '-',
      '(',
      'labels[',
      'class = ',
      'tag:',
      'split = ',
      'layer(',
      'layer("truth")',
      'labels[score > 0.1]',
      'order by ',
      'width > 3 ',
    ]
    for (const start of starts) {
      for (const { text } of await completeQuery(start, start.length, schema, { limit: 200, values })) {
        const query = start + text
        // Whatever may still be missing is missing at the end.
        for (const { span, message } of checkQuery(query, schema)) {
          expect(span.end >= query.trimEnd().length - 1, `${query}: ${message}`).toBe(true)
        }
      }
    }
  })

  it('takes any text and any place', async () => {
    const shard = fc.constantFrom(
      'width',
      'labels[',
      ']',
      '(',
      ')',
      '.',
      'layer(',
      '"',
      '`',
      '=',
      '!',
      ' ',
      ' and ',
      ':',
      '-',
      'in (',
      'order by ',
      'tag',
      '3',
      '\\',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(shard, { maxLength: 12 }).map((parts) => parts.join('')),
        fc.integer({ min: -1, max: 60 }),
        async (text, at) => {
          for (const { replace } of await completeQuery(text, at, schema, { limit: 5, values })) {
            expect(replace.start >= 0 && replace.start <= replace.end && replace.end <= text.length).toBe(true)
          }
        },
      ),
      { numRuns: 1_000, seed: 3 },
    )
  })
})
