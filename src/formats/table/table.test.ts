import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Geometry, Label, Scalar } from '#contract'
import { labelOf, plant, readWith, sampleOf, summaryOf, withFolder, writeWith, type ReadBack } from '../testing.ts'
import { createTableReader, csvWriter, jsonLinesWriter, parquetWriter } from './index.ts'
import { openDatabase, quoteText } from './duckdb.ts'
import { inferScalar, toTags, writeTags } from './values.ts'

const csv = createTableReader('csv')
const jsonl = createTableReader('jsonl')
const parquet = createTableReader('parquet')

async function readCsv(text: string, more: Record<string, string> = {}): Promise<ReadBack> {
  return withFolder(async (folder) => {
    await plant(folder, { 'list.csv': text, 'a.jpg': '', 'b.jpg': '', ...more })
    return readWith(csv, folder)
  })
}
const said = ({ problems }: ReadBack): string[] => problems.map(({ code, what }) => `${code}: ${what}`)

describe('a CSV of samples', () => {
  it('makes columns fields of one type each, and knows split, class and tags', async () => {
    const read = await readCsv(
      '\uFEFFfile_name,split,label,tags,iso,flash,serial,comment,width\r\na.jpg,val,cat,"x; y",100,true,007,"two\nlines, and ""quotes""",640\r\nb.jpg,,,,2.5,False,12,,480\r\n',
    )
    expect(read.problems).toEqual([])
    expect(read.classes).toEqual(['cat'])
    expect(
      read.samples.map(({ path, split, tags, fields, labels }) => ({
        path,
        split,
        tags,
        fields,
        classes: labels.map((label) => label.class),
      })),
    ).toEqual([
      {
        path: 'a.jpg',
        split: 'val',
        tags: ['x', 'y'],
        fields: { iso: 100, flash: true, serial: '007', comment: 'two\nlines, and "quotes"' },
        classes: ['cat'],
      },
      {
        path: 'b.jpg',
        split: undefined,
        tags: undefined,
        fields: { iso: 2.5, flash: false, serial: '12' },
        classes: [],
      },
    ])
  })

  it('reads semicolons, tabs, Windows paths and folders of images', async () => {
    const read = await readCsv('path;note\nsub\\c.jpg;x\n', { 'images/sub/c.jpg': '' })
    expect(read.samples.map(({ path, fields }) => [path, fields])).toEqual([['images/sub/c.jpg', { note: 'x' }]])
    await withFolder(async (folder) => {
      await plant(folder, { 'val.tsv': 'path\tnote\na.jpg\tx, y\n', 'a.jpg': '' })
      expect((await readWith(csv, folder)).samples).toMatchObject([{ split: 'val', fields: { note: 'x, y' } }])
    })
  })

  it('names broken rows by their line and goes on', async () => {
    const read = await readCsv('path,iso\na.jpg,1\nb.jpg,1,2\n,3\ngone.jpg,4\n"b.jpg"x,5\nb.jpg,6\n')
    expect(read.samples.map(({ path, fields }) => [path, fields])).toEqual([
      ['a.jpg', { iso: 1 }],
      ['b.jpg', { iso: 6 }],
    ])
    expect(said(read)).toEqual([
      'table-row: Line 3: The row has another number of cells than the header.',
      'table-row: Line 4 names no image in path.',
      'image-missing: Line 5 names gone.jpg, but no file of this name lies below the folder.',
      'image-missing: Line 6 names "b.jpg"x, but no file of this name lies below the folder.',
    ])
  })

  it('names a quote that is never closed', async () => {
    const read = await readCsv('path,iso\na.jpg,1\n"b.jpg,2\n')
    expect(read.samples).toHaveLength(1)
    expect(said(read)[0]).toMatch(/^table-row: Line \d: A quote is opened and never closed/)
  })

  it('refuses an empty file', async () => {
    await expect(readCsv('')).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
})

describe('a table of boxes', () => {
  it('gathers the rows of an image, wherever they stand', async () => {
    const read = await readCsv(
      'filename,width,height,class,xmin,ymin,xmax,ymax,score,occluded\na.jpg,640,480,cat,1,2,11,22,0.5,true\nb.jpg,640,480,dog,0,0,5,5,,false\na.jpg,640,480,dog,3,4,5,6,1,\n',
    )
    expect(read.classes).toEqual(['cat', 'dog'])
    expect(read.samples.map(({ path, labels }) => [path, labels.map(({ where: _, ...label }) => label)])).toEqual([
      [
        'a.jpg',
        [
          {
            kind: 'box',
            class: 'cat',
            unit: 'px',
            box: { x: 1, y: 2, w: 10, h: 20 },
            score: 0.5,
            attributes: { occluded: true },
          },
          { kind: 'box', class: 'dog', unit: 'px', box: { x: 3, y: 4, w: 2, h: 2 }, score: 1 },
        ],
      ],
      [
        'b.jpg',
        [{ kind: 'box', class: 'dog', unit: 'px', box: { x: 0, y: 0, w: 5, h: 5 }, attributes: { occluded: false } }],
      ],
    ])
  })

  it.each([
    ['x,y,w,h', '1,2,3,4', 'px'],
    ['x,y,width,height', '1,2,3,4', 'px'],
    ['x1,y1,x2,y2', '1,2,4,6', 'px'],
    ['XMin,YMin,XMax,YMax', '1,2,4,6', 'px'],
    ['bbox', '"[1, 2, 3, 4]"', 'px'],
    ['bbox', '1 2 3 4', 'px'],
  ])('reads %s', async (columns, cells, unit) => {
    const read = await readCsv(`path,${columns}\na.jpg,${cells}\n`)
    expect(read.samples[0]!.labels).toMatchObject([
      { kind: 'box', class: 'object', unit, box: { x: 1, y: 2, w: 3, h: 4 } },
    ])
  })

  it('takes numbers within 0..1 for fractions, rows without a box for images without labels', async () => {
    const read = await readCsv('ImagePath,LabelName,XMin,XMax,YMin,YMax\na.jpg,cat,0.25,0.75,0.5,1\nb.jpg,,,,,\n')
    expect(read.samples.map(({ labels }) => labels.map(({ unit, box }) => ({ unit, box })))).toEqual([
      [{ unit: 'fraction', box: { x: 0.25, y: 0.5, w: 0.5, h: 0.5 } }],
      [],
    ])
  })

  it('names rows that are no box', async () => {
    const read = await readCsv('path,class,xmin,ymin,xmax,ymax\na.jpg,cat,1,2,left,4\n')
    expect(said(read)).toEqual(['label-row: Line 2: a box needs four numbers, got xmin=1, ymin=2, xmax=left, ymax=4.'])
    expect(read.samples).toMatchObject([{ path: 'a.jpg', labels: [] }])
  })
})

describe('JSONL and Parquet of others', () => {
  it('keeps the types of JSON, takes lists of classes, and names broken lines', async () => {
    await withFolder(async (folder) => {
      await plant(folder, {
        'a.jpg': '',
        'list.jsonl':
          '{"image":"a.jpg","labels":["cat","dog"],"iso":100,"serial":"007","shot":{"lens":"wide"},"sizes":[1,2]}\nno json\n[1]\n\n{"image":"a.jpg"',
      })
      const read = await readWith(jsonl, folder)
      expect(read.samples).toMatchObject([{ fields: { iso: 100, serial: '007', 'shot.lens': 'wide', sizes: '[1,2]' } }])
      expect(read.samples[0]!.labels.map((label) => label.class)).toEqual(['cat', 'dog'])
      expect(read.problems.map(({ what }) => what.slice(0, 18))).toEqual([
        'Line 2 is no JSON ',
        'Line 3 must be a J',
        'Line 5 is no JSON ',
      ])
    })
  })

  it('reads Parquet with structures, dates and big integers, in paths with pattern signs', async () => {
    await withFolder(async (base) => {
      const folder = join(base, 'odd [1]*')
      await plant(folder, { 'a.jpg': '' })
      const database = await openDatabase()
      await database.connection.run(
        `COPY (SELECT 'a.jpg' AS file_name, 5::BIGINT AS n, TIMESTAMP '2024-05-01 00:00:00' AS taken, {'bbox': [[1.0, 2.0, 3.0, 4.0]], 'category': ['cat']} AS objects) TO ${quoteText(join(folder, 'a?.parquet'))}`,
      )
      database.close()
      const { samples, problems } = await readWith(parquet, folder)
      expect(problems).toEqual([])
      expect(samples).toMatchObject([
        {
          fields: { n: 5, taken: '2024-05-01T00:00:00.000Z' },
          labels: [{ class: 'cat', box: { x: 1, y: 2, w: 3, h: 4 } }],
        },
      ])
    })
  })

  it('refuses what is no Parquet', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'x.parquet': 'nothing' })
      await expect(readWith(parquet, folder)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    })
  })
})

describe('values', () => {
  it('are inferred only where they come back the same', () => {
    const cases: [string, Scalar][] = [
      ['12', 12],
      ['-1.5e3', -1500],
      ['007', '007'],
      ['0.5', 0.5],
      ['0', 0],
      ['TRUE', true],
      ['', null],
      ['NaN', null],
      ['1_000', '1_000'],
      ['9007199254740993', '9007199254740993'],
      ['1e999', '1e999'],
      ['2024-05-01', '2024-05-01'],
    ]
    for (const [text, value] of cases) expect(inferScalar(text)).toBe(value)
  })

  it('keep any tags', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }).filter((tag) => tag.trim() === tag && tag !== '')),
        (tags) => {
          expect(toTags(writeTags(tags))).toEqual(tags)
        },
      ),
    )
  })
})

const number = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
  .map((value) => (value === 0 ? 0 : value))
const flat = (points: number): fc.Arbitrary<number[]> =>
  fc.array(number, { minLength: points * 2, maxLength: points * 2 })
const geometry: fc.Arbitrary<Geometry> = fc.oneof(
  fc
    .array(fc.array(flat(3), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })
    .map((parts) => ({ type: 'polygon' as const, parts })),
  fc.array(flat(2), { minLength: 1, maxLength: 2 }).map((paths) => ({ type: 'polyline' as const, paths })),
  fc
    .array(fc.tuple(number, number, fc.constantFrom(0, 1, 2)), { minLength: 1 })
    .map((points) => ({ type: 'keypoints' as const, points: points as [number, number, number][] })),
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1 })
    .map((counts) => ({ type: 'mask' as const, size: [6, 8] as [number, number], counts })),
)
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((value) => !/[\p{Cs}\0]/u.test(value))
const box = fc.record({ x: number, y: number, w: number, h: number })
const attributes = fc
  .dictionary(text, fc.oneof(text, number, fc.boolean()), { maxKeys: 2, noNullPrototype: true })
  .filter((held) => !Object.hasOwn(held, '__proto__'))
const label: fc.Arbitrary<Label> = fc
  .tuple(
    fc.oneof(fc.constant(null), fc.constant('box' as const), geometry),
    text,
    box,
    fc.option(fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0 || 0)),
    attributes,
    fc.option(text),
  )
  .map(([shape, name, bounds, score, held, author]) => {
    const facts = { class: name, score, attributes: held, author }
    if (shape === null) return labelOf({ kind: 'class', ...facts })
    if (shape === 'box') return labelOf({ kind: 'box', box: bounds, area: 1, ...facts })
    return labelOf({ kind: shape.type, geometry: shape, box: bounds, area: 1, ...facts })
  })
const sample = fc.record({
  path: fc.constantFrom('a.jpg', 'deep/b "c", d.jpg', 'line\nbreak.jpg', 'ünï.png', '=1+1.jpg'),
  split: fc.option(text),
  tags: fc.uniqueArray(
    text.filter((tag) => tag.trim() === tag),
    { maxLength: 2 },
  ),
  // In a dataset each field has one type.
  fields: fc.record(
    { note: text, iso: fc.integer(), gain: number, class: text, 'fields.x': fc.boolean() },
    { requiredKeys: [] },
  ),
  labels: fc.array(label, { maxLength: 3 }),
})

describe.each([
  ['csv', csvWriter, csv],
  ['jsonl', jsonLinesWriter, jsonl],
  ['parquet', parquetWriter, parquet],
] as const)('a %s table of fovea', (name, writer, reader) => {
  it('holds every label, field, tag and split', { timeout: 60_000 }, async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'm.jpg': 'x' })
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 4 }), async (states) => {
          const target = join(folder, `out-${run++}`)
          const samples = states.map((state) =>
            sampleOf({ ...state, fields: { ...state.fields }, file: join(folder, 'm.jpg') }),
          )
          const written = await writeWith(writer, target, samples, [])
          expect(written).toEqual({ labels: samples.reduce((sum, { labels }) => sum + labels.length, 0), files: 1 })
          const back = await readWith(reader, target)
          expect(back.problems).toEqual([])
          const plain = ({
            class: className,
            kind,
            box: bounds,
            geometry: shape,
            score,
            attributes: held,
            author,
          }: Partial<Label>): string =>
            JSON.stringify([
              kind,
              className,
              bounds ?? null,
              shape ?? null,
              score ?? null,
              Object.entries(held ?? {}),
              author ?? null,
            ])
          const seen = back.samples.map(({ split, tags, fields, labels }) => [
            split ?? null,
            tags ?? [],
            fields ?? {},
            labels.map((one) => plain(one as Partial<Label>)).toSorted(),
          ])
          expect(seen).toEqual(
            states.map(({ split, tags, fields, labels }) => [split, tags, { ...fields }, labels.map(plain).toSorted()]),
          )
        }),
        { numRuns: name === 'parquet' ? 15 : 60 },
      )
    })
  })

  it('loses nothing but other layers', () => {
    const all = summaryOf({
      kinds: { class: 1, box: 1, polygon: 1, mask: 1, polyline: 1, keypoints: 1 },
      labelsWithAttributes: 1,
      labelsWithScores: 1,
      labelsWithAuthors: 1,
      samplesWithTags: 1,
      samplesWithFields: 1,
      samplesWithSplit: 1,
      samplesWithSeveralClasses: 1,
    })
    expect(writer.losses(all)).toEqual([])
    expect(writer.losses({ ...all, otherLayers: [{ name: 'resnet', labels: 3 }] })).toMatchObject([
      { code: 'other-layer', count: 3 },
    ])
  })
})

describe('csvWriter', () => {
  it('writes plain columns for people, text quoted and numbers not', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'm.jpg': 'x' })
      const labels = [labelOf({ kind: 'class', class: 'cat' }), labelOf({ kind: 'class', class: 'wet', score: 0.5 })]
      await writeWith(
        csvWriter,
        join(folder, 'out'),
        [
          sampleOf({
            path: 'a.jpg',
            file: join(folder, 'm.jpg'),
            split: 'val',
            tags: ['x', 'y'],
            fields: { iso: 100, serial: '12' },
          }),
        ],
        [],
      )
      await writeWith(
        csvWriter,
        join(folder, 'two'),
        [sampleOf({ path: 'a.jpg', file: join(folder, 'm.jpg'), labels })],
        [],
      )
      expect(await readFile(join(folder, 'out/samples.csv'), 'utf8')).toBe(
        'path,split,class,tags,width,height,labels,iso,serial\n"a.jpg","val",,"x;y",8,6,,100,"12"\n',
      )
      expect((await readFile(join(folder, 'two/samples.csv'), 'utf8')).split('\n')[1]).toMatch(
        /^"a.jpg",,,,8,6,"\[\{""kind"":""class"",""class"":""cat""/,
      )
    })
  })
})

describe('labels in a table of fovea', () => {
  it('are named when they are none', async () => {
    const read = await readCsv(
      'path,split,class,tags,width,height,labels\n"a.jpg",,,,1,1,"[{""kind"":""cube"",""class"":""x""},{""kind"":""class"",""class"":""y""}]"\n"b.jpg",,,,1,1,"no list"\n',
    )
    expect(read.samples.map(({ labels }) => labels.map((one) => one.class))).toEqual([['y'], []])
    expect(read.problems).toMatchObject([
      { code: 'label-row', what: expect.stringContaining('line 2, label 1: kind:') },
      { code: 'label-row', what: expect.stringContaining('line 3: labels must be a JSON list, got no list') },
    ])
  })
})
