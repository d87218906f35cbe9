import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSourceTree } from '../tree.ts'
import { createScratch, readEverything } from '../../../tests/support/formats.ts'
import { cocoReader } from './reader.ts'

let scratch: Awaited<ReturnType<typeof createScratch>>
beforeAll(async () => void (scratch = await createScratch()))
afterAll(() => scratch.remove())

const categories = [
  { id: 7, name: 'car', supercategory: 'vehicle' },
  { id: 3, name: 'person', keypoints: ['head', 'foot'], skeleton: [[1, 2]] },
]
const box = (image: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: image * 10,
  image_id: image,
  category_id: 7,
  bbox: [1, 2, 30, 40],
  ...more,
})
const coco = (names: string[], annotations?: unknown[]): Record<string, unknown> => ({
  images: names.map((file_name, i) => ({ id: i + 1, file_name, width: 640, height: 480 })),
  ...(annotations ? { annotations } : {}),
  categories,
})

describe('layouts', () => {
  const cases: [string, Record<string, unknown>, string | undefined][] = [
    ['data/ with labels.json', { 'data/a.jpg': '', 'labels.json': coco(['a.jpg'], [box(1)]) }, undefined],
    [
      'images/<split>/ with annotations/',
      { 'images/val2017/a.jpg': '', 'annotations/instances_val2017.json': coco(['a.jpg'], [box(1)]) },
      'val2017',
    ],
    ['result.json with paths', { 'images/a.jpg': '', 'result.json': coco(['images/a.jpg'], [box(1)]) }, undefined],
    ['Windows paths', { 'images/a.jpg': '', 'result.json': coco(['images\\a.jpg'], [box(1)]) }, undefined],
    ['Roboflow', { 'train/a.jpg': '', 'train/_annotations.coco.json': coco(['a.jpg'], [box(1)]) }, 'train'],
    ['json at the root', { 'deep/in/it/a.jpg': '', 'my.json': coco(['a.jpg'], [box(1)]) }, undefined],
    ['paths of another machine', { 'x/a.jpg': '', 'my.json': coco(['/home/ann/x/a.jpg'], [box(1)]) }, undefined],
    ['a drive letter', { 'x/a.jpg': '', 'my.json': coco(['C:\\data\\x\\a.jpg'], [box(1)]) }, undefined],
    ['a split by file name', { 'imgs/a.jpg': '', 'test.json': coco(['a.jpg'], [box(1)]) }, 'test'],
    ['a split by image folder', { 'images/val/a.jpg': '', 'all.json': coco(['images/val/a.jpg'], [box(1)]) }, 'val'],
    [
      'CVAT',
      { 'images/default/a.jpg': '', 'annotations/instances_default.json': coco(['a.jpg'], [box(1)]) },
      undefined,
    ],
    ['unlabelled', { 'data/a.jpg': '', 'labels.json': coco(['a.jpg']) }, undefined],
  ]
  it.each(cases)('%s', async (name, files, split) => {
    const root = await scratch.make(files)
    const { samples, problems, classes, total } = await readEverything(cocoReader, root)
    expect(problems).toEqual([])
    expect(total).toBe(1)
    expect(samples).toHaveLength(1)
    expect(samples[0]).toMatchObject({ type: 'sample', statedSize: { width: 640, height: 480 } })
    expect(samples[0]!.file.endsWith('/a.jpg')).toBe(true)
    expect(samples[0]!.split).toBe(split)
    expect(samples[0]!.labels.map((label) => [label.kind, label.class, label.box])).toEqual(
      name === 'unlabelled' ? [] : [['box', 'car', { x: 1, y: 2, w: 30, h: 40 }]],
    )
    expect(classes).toEqual([
      { name: 'car', supercategory: 'vehicle' },
      { name: 'person', keypoints: ['head', 'foot'], skeleton: [[1, 2]] },
    ])
  })

  it('takes a file the user points at, and an absolute file_name', async () => {
    const images = await scratch.make({ 'far/a.jpg': '' })
    const root = await scratch.make({
      'one.json': coco([join(images, 'far/a.jpg')], [box(1)]),
      'other.json': coco(['b.jpg']),
    })
    const { samples, problems } = await readEverything(cocoReader, join(root, 'one.json'))
    expect(problems).toEqual([])
    expect(samples.map((sample) => sample.file)).toEqual([join(images, 'far/a.jpg')])
  })

  it('tells namesakes apart by folder and split', async () => {
    const root = await scratch.make({
      'images/train/a.jpg': '',
      'images/val/a.jpg': '',
      'annotations/instances_train.json': coco(['a.jpg'], [box(1)]),
      'annotations/instances_val.json': coco(['a.jpg'], []),
    })
    const { samples, problems } = await readEverything(cocoReader, root)
    expect(problems).toEqual([])
    expect(samples.map(({ path, split, labels }) => [path, split, labels.length])).toEqual([
      ['images/train/a.jpg', 'train', 1],
      ['images/val/a.jpg', 'val', 0],
    ])
  })

  it('merges instances, keypoints and captions of one split', async () => {
    const outline = { segmentation: [[0, 0, 9, 0, 9, 9]], bbox: [0, 0, 9, 9], category_id: 3 }
    const root = await scratch.make({
      'val/a.jpg': '',
      'annotations/captions_val.json': coco(
        ['a.jpg'],
        [
          { id: 1, image_id: 1, caption: 'One.' },
          { id: 2, image_id: 1, caption: 'Two.' },
        ],
      ),
      'annotations/instances_val.json': coco(['a.jpg'], [box(1, outline), box(1, outline)]),
      'annotations/person_keypoints_val.json': coco(
        ['a.jpg'],
        [box(1, { ...outline, keypoints: [1, 1, 2, 0, 0, 0], num_keypoints: 1 })],
      ),
    })
    const { samples, problems } = await readEverything(cocoReader, root)
    expect(problems).toEqual([])
    expect(samples).toHaveLength(1)
    expect(samples[0]!.fields).toEqual({ caption: 'One.\nTwo.' })
    expect(samples[0]!.labels.map((label) => label.kind)).toEqual(['polygon', 'polygon', 'keypoints'])
    expect(samples[0]!.labels[2]).toMatchObject({ class: 'person', box: { x: 0, y: 0, w: 9, h: 9 } })
  })

  it.each([
    ['labelme', { version: '5', shapes: [], imagePath: 'a.jpg' }],
    ['a list', [{ image_id: 1 }]],
    ['other images', { images: ['a.jpg'] }],
  ])('does not take %s for its own', async (_, json) => {
    const root = await scratch.make({ 'a.jpg': '', 'a.json': json })
    const tree = await createSourceTree(root, { signal: new AbortController().signal, onProblem: () => {} })
    expect(await cocoReader.detect(tree)).toBeNull()
  })
})

describe('annotations', () => {
  const read = async (annotation: Record<string, unknown>) => {
    const root = await scratch.make({ 'a.jpg': '', 'labels.json': coco(['a.jpg'], [box(1, annotation)]) })
    const { samples, problems } = await readEverything(cocoReader, root)
    return { labels: samples[0]!.labels, problems }
  }

  it('keeps the outline, several parts, crowd, score and attributes', async () => {
    const rings = [
      [0, 0, 9, 0, 9, 9],
      [20, 20, 30, 20, 30, 30, 20, 30],
    ]
    const attributes = { occluded: true, colour: 'red', deep: { no: 1 } }
    const { labels, problems } = await read({ segmentation: rings, iscrowd: 1, score: 0.5, attributes, track_id: 4 })
    expect(problems).toEqual([])
    expect(labels).toEqual([
      {
        kind: 'polygon',
        class: 'car',
        unit: 'px',
        where: 'labels.json: annotation 10',
        geometry: { type: 'polygon', parts: rings.map((ring) => [ring]) },
        score: 0.5,
        attributes: { track_id: 4, occluded: true, colour: 'red', crowd: true },
      },
    ])
  })

  it('reads run lengths as numbers and as text', async () => {
    const mask = { type: 'mask', size: [2, 3], counts: [1, 2, 3] }
    const plain = await read({ segmentation: { size: [2, 3], counts: [1, 2, 3] } })
    const text = await read({ segmentation: { size: [2, 3], counts: '123' } })
    expect([plain.labels[0]!.geometry, text.labels[0]!.geometry]).toEqual([mask, mask])
  })

  it.each<[string, Record<string, unknown>, string, RegExp, string[]]>([
    ['a bbox too short', { bbox: [1, 2, 3] }, 'label-box', /four numbers .* got \[1,2,3\]/, []],
    ['a bbox of text', { bbox: ['1', 2, 3, 4] }, 'label-box', /got \["1",2,3,4\]/, []],
    ['nothing', { bbox: undefined }, 'label-box', /got none/, []],
    ['an unknown category', { category_id: 99 }, 'label-class', /category_id 99/, []],
    ['a line for a polygon', { segmentation: [[1, 1, 2, 2]] }, 'label-polygon', /segmentation\[0\]/, ['box']],
    ['broken run lengths', { segmentation: { size: [2, 3], counts: 'P' } }, 'label-polygon', /broken/, ['box']],
    ['odd keypoints', { keypoints: [1, 2] }, 'label-keypoints', /threes/, ['box']],
  ])('reports %s', async (_, annotation, code, what, kinds) => {
    const { labels, problems } = await read(annotation)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ code, what: expect.stringMatching(what) })
    expect(problems[0]!.what).toContain('labels.json: annotation 10: ')
    expect(labels.map((label) => label.kind)).toEqual(kinds)
  })

  it('reports NaN that Python wrote', async () => {
    const root = await scratch.make({ 'a.jpg': '', 'labels.json': coco(['a.jpg'], [box(1), box(1)]) })
    const file = join(root, 'labels.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('[1,2,30,40]', '[NaN,2,-Infinity,40]'))
    const { samples, problems } = await readEverything(cocoReader, root)
    expect(problems.map((problem) => problem.code)).toEqual(['label-box'])
    expect(samples[0]!.labels).toHaveLength(1)
  })
})

it('stops when it is told to', async () => {
  const names = Array.from({ length: 50 }, (_, i) => `${i}.jpg`)
  const root = await scratch.make({
    ...Object.fromEntries(names.map((name) => [name, ''])),
    'labels.json': coco(names, []),
  })
  const controller = new AbortController()
  const tree = await createSourceTree(root, { signal: controller.signal, onProblem: () => {} })
  const plan = await cocoReader.read(tree, { signal: controller.signal })
  let read = 0
  const readOn = async (): Promise<void> => {
    for await (const item of plan.items) if (item.type === 'sample' && ++read === 10) controller.abort()
  }
  await expect(readOn()).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(read).toBe(10)
  await expect(cocoReader.read(tree, { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
})

describe('problems of a file', () => {
  it('reports images and annotations that do not go together, and reads the rest', async () => {
    const root = await scratch.make({
      'a.jpg': '',
      'b.jpg': '',
      'c.jpg': '',
      'labels.json': {
        images: [
          { id: 1, file_name: 'a.jpg' },
          { id: 1, file_name: 'b.jpg' },
          { id: 2, file_name: 'a.jpg' },
          { id: 3, file_name: 'gone.jpg' },
          { id: 4 },
          {
            id: '5',
            file_name: 'b.jpg',
            weather: 'rain',
            date_captured: '2020-01-01',
            license: 3,
            coco_url: 'http://x',
          },
        ],
        annotations: [box(1), box(2), box(3), box(5), box(9), box(9), { id: 1, category_id: 7, bbox: [0, 0, 1, 1] }],
        categories: [...categories, { id: 7, name: 'again' }, { name: 'no id' }],
      },
    })
    const { samples, problems } = await readEverything(cocoReader, root)
    expect(samples.map(({ path, labels, fields }) => [path, labels.length, fields])).toEqual([
      ['a.jpg', 1, undefined],
      ['b.jpg', 1, { weather: 'rain', date_captured: '2020-01-01' }],
    ])
    expect(problems.map((problem) => problem.code).sort()).toEqual([
      'category-entry',
      'category-id-twice',
      'image-entry',
      'image-id-twice',
      'image-missing',
      'image-twice',
      'image-unlisted',
      'label-image',
      'label-image',
    ])
    for (const problem of problems)
      expect([problem.file.length, problem.what.length, problem.fix.length].every((n) => n > 5)).toBe(true)
    expect(problems.find((problem) => problem.what.includes('id 9'))!.what).toMatch(/^2 annotations/)
  })

  it.each<[string, string, RegExp]>([
    [
      'cut short',
      '{"images": [{"id": 1, "file_name": "a.jpg"}],\n "annotations": [{"id": 1',
      /line 2, column 26: expected "," or "}", but the file ends/,
    ],
    ['a missing comma', '{"images": [\n  {"id": 1 "file_name": "a.jpg"}]}', /line 2, column 12: expected "," or "}"/],
    [
      'a broken annotation',
      '{"images":[{"id":1,"file_name":"a.jpg"}],\n"annotations":[{"bbox":[1,,2]}]}',
      /line 2, column 27: expected a value/,
    ],
    ['text behind it', '{"images":[{"id":1,"file_name":"a.jpg"}]} x', /line 1, column 43: expected the end/],
    ['a zero in front', '{"images":[{"file_name":"a.jpg","id":01}]}', /line 1, column 38: expected no zero/],
  ])('refuses JSON with %s', async (_, text, message) => {
    const root = await scratch.make({ 'a.jpg': '', 'labels.json': text })
    await expect(readEverything(cocoReader, root)).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('says when an image is in two splits', async () => {
    const root = await scratch.make({
      'images/a.jpg': '',
      'annotations/instances_train.json': coco(['a.jpg'], [box(1)]),
      'annotations/instances_val.json': coco(['a.jpg'], [box(1)]),
    })
    const { samples, problems } = await readEverything(cocoReader, root)
    expect(samples.map((sample) => sample.split)).toEqual(['train'])
    expect(problems.map((problem) => problem.code)).toEqual(['image-in-splits'])
  })
})
