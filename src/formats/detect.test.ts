import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { detectFormat, readerFor, readers } from './index.ts'
import { plant, sharedData, treeOf, withFolder } from './testing.ts'

const vocXml = '<annotation><filename>a.jpg</filename><size><width>8</width><height>6</height></size></annotation>'
const binary = encode({ width: 2, height: 2, data: new Uint8Array([0, 255, 255, 0]), channels: 1, depth: 8 })
const index = encode({ width: 2, height: 2, data: new Uint8Array([0, 1, 2, 3]), channels: 1, depth: 8 })

async function detected(files: Record<string, string | Uint8Array>, at = ''): Promise<[string, string]> {
  return withFolder(async (folder) => {
    await plant(folder, files)
    const { best } = await detectFormat(await treeOf(join(folder, at)))
    return [best.format, best.layout]
  })
}

describe('detectFormat', () => {
  it.each<[string, Record<string, string | Uint8Array>, [string, string]]>([
    ['plain images', { 'a.jpg': '', 'deep/er/b.png': '' }, ['folder', 'plain images']],
    [
      'one class folder, which may as well be any folder',
      { 'holiday/a.jpg': '', 'holiday/b.jpg': '' },
      ['folder', 'plain images'],
    ],
    [
      'dated folders, deeper than classes',
      { '2024/01/a.jpg': '', '2024/02/b.jpg': '', '2025/01/c.jpg': '' },
      ['folder', 'plain images'],
    ],
    ['class folders', { 'cat/a.jpg': '', 'dog/b.jpg': '' }, ['imagefolder', 'class folders']],
    [
      'class folders in splits',
      { 'train/cat/a.jpg': '', 'test/cat/b.jpg': '' },
      ['imagefolder', 'class folders in split folders'],
    ],
    [
      'metadata in a split',
      { 'train/metadata.csv': 'file_name,text\na.jpg,hello', 'train/a.jpg': '' },
      ['hf', 'split folders with metadata'],
    ],
    [
      'metadata as JSONL',
      { 'metadata.jsonl': '{"file_name":"a.jpg"}', 'a.jpg': '' },
      ['hf', 'image folder with metadata'],
    ],
    ['the VOC kit', { 'JPEGImages/a.jpg': '', 'Annotations/a.xml': vocXml }, ['voc', 'VOC development kit']],
    ['data and labels', { 'data/a.jpg': '', 'labels/a.xml': vocXml }, ['voc', 'image and annotation folders']],
    ['XML beside the image', { 'a.jpg': '', 'a.xml': vocXml }, ['voc', 'XML beside the images']],
    [
      'VOC segmentation alone',
      { 'JPEGImages/a.jpg': '', 'SegmentationClass/a.png': index },
      ['voc', 'VOC segmentation'],
    ],
    ['masks beside images', { 'a.jpg': '', 'a.png': binary }, ['masks', 'mask pairs in one folder']],
    ['masks in a folder', { 'images/a.jpg': '', 'masks/a.png': binary }, ['masks', 'image and mask folders']],
    [
      'masks in class folders',
      { 'x/Imgs/a.jpg': '', 'x/Imgs/a.png': binary, 'y/b.jpg': '', 'y/b.png': binary },
      ['masks', 'class folders with mask pairs'],
    ],
    [
      'several classes a mask in named folders',
      { 'x/a.jpg': '', 'x/a.png': index, 'y/b.jpg': '', 'y/b.png': index },
      ['masks', 'mask pairs in one folder'],
    ],
    [
      'a CSV manifest',
      { 'list.csv': 'path,lens\nimages/a.jpg,wide', 'images/a.jpg': '' },
      ['csv', 'table with one row a sample'],
    ],
    [
      'a CSV of boxes',
      { 'list.csv': 'filename,xmin,ymin,xmax,ymax,class\na.jpg,1,1,2,2,x', 'a.jpg': '' },
      ['csv', 'table with one row a box'],
    ],
    ['a JSONL manifest', { 'list.jsonl': '{"image":"a.jpg"}', 'a.jpg': '' }, ['jsonl', 'table with one row a sample']],
  ])('finds %s', async (_, files, expected) => {
    expect(await detected(files)).toEqual(expected)
  })

  it('takes a single annotation file or image the user points at', async () => {
    expect(await detected({ 'list.csv': 'path\na.jpg', 'other.csv': 'x\n1', 'a.jpg': '' }, 'list.csv')).toEqual([
      'csv',
      'table with one row a sample',
    ])
    expect(await detected({ 'a.jpg': '', 'b.jpg': '' }, 'a.jpg')).toEqual(['folder', 'plain images'])
  })

  it('leaves other readings as candidates when a layout is ambiguous', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'cat/a.jpg': '', 'cat/a.png': binary, 'dog/b.jpg': '', 'dog/b.png': binary })
      const { best, candidates } = await detectFormat(await treeOf(folder))
      expect(best.layout).toBe('class folders with mask pairs')
      expect(candidates.map(({ format }) => format)).toEqual(['masks', 'imagefolder', 'folder'])
      expect(candidates.map(({ confidence }) => confidence)).toEqual(
        candidates.map(({ confidence }) => confidence).toSorted((a, b) => b - a),
      )
    })
  })

  it('takes a chance pair of stems among class folders for no mask', async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i % 2 ? 'cat' : 'dog'}/${i}.jpg`, '']))
    expect((await detected({ ...files, 'cat/1.png': '' }))[0]).toBe('imagefolder')
  })

  it('lists what was looked for and found when nothing fits', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'a.pdf': '', 'b.pdf': '', 'c.txt': '', LICENSE: '' })
      await expect(detectFormat(await treeOf(folder))).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' })
      const message = await detectFormat(await treeOf(folder)).catch((error: Error) => error.message)
      expect(message).toContain('4 files (2 .pdf, 1 without extension, 1 .txt)')
      for (const reader of readers)
        for (const layout of reader.looksFor) expect(message).toContain(`${reader.format}: ${layout}`)
    })
  })

  it('says that an empty folder is empty', async () => {
    await withFolder(async (folder) => {
      await mkdir(join(folder, 'inside'))
      await expect(detectFormat(await treeOf(folder))).rejects.toThrow('no files at all')
    })
  })

  it.skipIf(sharedData('raccoon') === null).each([
    ['magnetic-tiles', 'masks', 'class folders with mask pairs'],
    ['raccoon', 'voc', 'image and annotation folders'],
    ['cifar10-test', 'imagefolder', 'class folders'],
  ] as const)('finds the layout of %s', async (name, format, layout) => {
    expect((await detectFormat(await treeOf(sharedData(name)!))).best).toMatchObject({ format, layout })
  })
})

describe('a reader', () => {
  it.each<[string, Record<string, string | Uint8Array>]>([
    ['imagefolder', { 'cat/a.jpg': '', 'dog/b.jpg': '' }],
    ['voc', { 'a.jpg': '', 'a.xml': vocXml }],
    ['masks', { 'a.jpg': '', 'a.png': binary }],
    ['jsonl', { 'list.jsonl': '{"image":"a.jpg"}', 'a.jpg': '' }],
    ['csv', { 'list.csv': 'path\na.jpg', 'a.jpg': '' }],
    ['hf', { 'metadata.csv': 'file_name\na.jpg', 'a.jpg': '' }],
  ])('of %s stops when told to', async (format, files) => {
    await withFolder(async (folder) => {
      await plant(folder, files)
      const tree = await treeOf(folder)
      const { best } = await detectFormat(tree)
      expect(best.format).toBe(format)
      const readAll = async (): Promise<number> => {
        const { items } = await readerFor(best.format).read(tree, { signal: AbortSignal.abort() })
        let count = 0
        for await (const item of items) count += item.type === 'sample' ? 1 : 0
        return count
      }
      await expect(readAll()).rejects.toMatchObject({ code: 'CANCELLED' })
    })
  })
})

describe('readerFor', () => {
  it('gives the reader of a format and refuses other names', () => {
    expect(readerFor('voc').format).toBe('voc')
    expect(() => readerFor('dicom' as 'voc')).toThrow('Expected one of')
  })
})
