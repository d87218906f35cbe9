import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectFormat } from '../index.ts'
import { labelOf, plant, readWith, sampleOf, summaryOf, treeOf, withFolder, writeWith } from '../testing.ts'
import { folderWriter, huggingFaceReader, imageFolderReader, plainFolderReader } from './index.ts'

type Read = Awaited<ReturnType<typeof readWith>>
const brief = ({ samples }: Read): unknown[] =>
  samples.map(({ path, split, labels }) => [path, split, labels.map((label) => label.class)])

describe('plainFolderReader', () => {
  it('takes images of any depth and nothing else', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'a.JPG': '', 'x/y/b.webp': '', 'x/notes.txt': '' })
      expect(brief(await readWith(plainFolderReader, folder))).toEqual([
        ['a.JPG', undefined, []],
        ['x/y/b.webp', undefined, []],
      ])
    })
  })
})

describe('imageFolderReader', () => {
  it('reads classes and splits, as they are written', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'valid/cat/a.jpg': '', 'train/dog/deep/b.jpg': '', 'test/c.jpg': '', 'top.jpg': '' })
      const read = await readWith(imageFolderReader, folder)
      expect(read.classes).toEqual(['cat', 'dog'])
      expect(brief(read)).toEqual([
        ['test/c.jpg', 'test', []],
        ['top.jpg', undefined, []],
        ['train/dog/deep/b.jpg', 'train', ['dog']],
        ['valid/cat/a.jpg', 'valid', ['cat']],
      ])
    })
  })
})

describe('huggingFaceReader', () => {
  it('reads metadata of each split: columns become fields, images without a row stay', async () => {
    await withFolder(async (folder) => {
      await plant(folder, {
        'train/metadata.csv':
          'file_name,text,iso,serial\na.jpg,"a tile, cracked",100,007\nsub/b.jpg,,200,12\nmissing.jpg,x,1,1\n',
        'train/a.jpg': '',
        'train/sub/b.jpg': '',
        'test/metadata.jsonl': '{"file_name":"c.jpg","label":"crack","shot":{"lens":"wide"}}\n',
        'test/c.jpg': '',
        'test/d.jpg': '',
      })
      const read = await readWith(huggingFaceReader, folder)
      expect(brief(read)).toEqual([
        ['test/c.jpg', 'test', ['crack']],
        ['train/a.jpg', 'train', []],
        ['train/sub/b.jpg', 'train', []],
        ['test/d.jpg', 'test', []],
      ])
      expect(read.samples.map(({ fields }) => fields)).toEqual([
        { 'shot.lens': 'wide' },
        { text: 'a tile, cracked', iso: 100, serial: '007' },
        { iso: 200, serial: '12' },
        undefined,
      ])
      expect(read.problems).toMatchObject([
        { code: 'image-missing', what: expect.stringContaining('Line 4 names missing.jpg') },
      ])
    })
  })

  it('reads boxes of an objects column in both forms, and names broken ones', async () => {
    await withFolder(async (folder) => {
      const rows = [
        { file_name: 'a.jpg', objects: { bbox: [[1, 2, 3, 4]], categories: [0] } },
        { file_name: 'b.jpg', objects: [{ bbox: [5, 6, 7, 8], category: 'hole' }] },
        { file_name: 'c.jpg', objects: { bbox: [[1, 2]], categories: [0] } },
      ]
      await plant(folder, {
        'a.jpg': '',
        'b.jpg': '',
        'c.jpg': '',
        'metadata.jsonl': rows.map((row) => JSON.stringify(row)).join('\n'),
      })
      const { samples, problems } = await readWith(huggingFaceReader, folder)
      expect(samples.map(({ labels }) => labels.map(({ class: name, box, unit }) => ({ name, box, unit })))).toEqual([
        [{ name: '0', box: { x: 1, y: 2, w: 3, h: 4 }, unit: 'px' }],
        [{ name: 'hole', box: { x: 5, y: 6, w: 7, h: 8 }, unit: 'px' }],
        [],
      ])
      expect(problems).toMatchObject([
        { code: 'label-row', what: 'Line 3: objects must hold bbox lists of four numbers.' },
      ])
    })
  })
})

describe('folderWriter', () => {
  const classes = ['cat', 'train', 'a/b', 'A/B', '_unlabelled', ' x ']
  const state = fc.record({
    class: fc.option(fc.constantFrom(...classes)),
    split: fc.constantFrom(null, 'train', 'line-3', 'cat'),
    path: fc.constantFrom('a.jpg', 'cat/a.jpg', 'train/cat/a.jpg', 'x/y/a.jpg'),
  })

  it('writes class folders that it finds and reads back the same', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'm.jpg': 'x' })
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 5 }), async (states) => {
          const target = join(folder, `out-${run++}`)
          const samples = states.map(({ class: name, split, path }) =>
            sampleOf({
              path,
              split,
              file: join(folder, 'm.jpg'),
              labels: name === null ? [] : [labelOf({ kind: 'class', class: name })],
            }),
          )
          const { labels } = await writeWith(folderWriter, target, samples, classes)
          expect(labels).toBe(states.filter(({ class: name }) => name !== null).length)
          if (labels > 0) expect((await detectFormat(await treeOf(target))).best.format).toBe('imagefolder')
          const read = await readWith(imageFolderReader, target)
          expect(read.classes).toEqual(classes)
          const seen = read.samples.map((sample) =>
            JSON.stringify([sample.split ?? null, sample.labels[0]?.class ?? null]),
          )
          expect(seen.toSorted()).toEqual(
            states.map(({ class: name, split }) => JSON.stringify([split, name])).toSorted(),
          )
        }),
        { numRuns: 60 },
      )
    })
  })

  it('keeps the path of a sample that lies right already', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'm.jpg': 'x' })
      const sample = sampleOf({
        path: 'train/cat/a.jpg',
        split: 'train',
        file: join(folder, 'm.jpg'),
        labels: [labelOf({ kind: 'class', class: 'cat' })],
      })
      await writeWith(folderWriter, join(folder, 'out'), [sample, { ...sample, path: 'b/a.jpg' }], ['cat'])
      expect(brief(await readWith(imageFolderReader, join(folder, 'out')))).toEqual([
        ['train/cat/a.jpg', 'train', ['cat']],
        ['train/cat/b_a.jpg', 'train', ['cat']],
      ])
    })
  })

  it('refuses to write without media, and counts what it cannot hold', async () => {
    const context = { media: 'none' } as Parameters<typeof folderWriter.write>[0]
    await expect(folderWriter.write(context)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const losses = folderWriter.losses(
      summaryOf({
        kinds: { class: 5, box: 2 },
        samplesWithSeveralClasses: 1,
        samplesWithoutClass: 3,
        samplesWithFields: 4,
      }),
    )
    expect(losses.map(({ code, count }) => [code, count])).toEqual([
      ['kind-box', 2],
      ['several-classes', 1],
      ['no-class', 3],
      ['fields', 4],
    ])
  })
})
