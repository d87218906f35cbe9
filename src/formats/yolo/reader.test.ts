import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScratch, readEverything } from '../../../tests/support/formats.ts'
import { createSourceTree } from '../tree.ts'
import { yoloReader } from './reader.ts'

let scratch: Awaited<ReturnType<typeof createScratch>>
beforeAll(async () => void (scratch = await createScratch()))
afterAll(() => scratch.remove())

const row = '0 0.5 0.5 0.25 0.5\n'
const names = 'names: [car, "no"]\n'

describe('layouts', () => {
  const pair = { 'images/train/a.jpg': '', 'labels/train/a.txt': row, 'images/val/b.jpg': '', 'labels/val/b.txt': '' }
  const cases: [string, Record<string, unknown>, (string | undefined)[]][] = [
    ['folders', { ...pair, 'data.yaml': `train: images/train\nval: images/val\n${names}` }, ['train', 'val']],
    [
      'names as a map',
      { ...pair, 'x.yml': 'path: .\ntrain: images/train\nval: images/val\nnames:\n  1: "no"\n  0: car\n' },
      ['train', 'val'],
    ],
    ['a list of folders', { ...pair, 'data.yaml': `train: [images/train, images/val]\n${names}` }, ['train', 'train']],
    [
      'lists',
      {
        ...pair,
        'data.yaml': `train: train.txt\nval: lists/v.txt\n${names}`,
        'train.txt': './images/train/a.jpg\n',
        'lists/v.txt': 'images/val/b.jpg\r\n\n',
      },
      ['train', 'val'],
    ],
    [
      'a wrong absolute path',
      { ...pair, 'data.yaml': `path: /no/such/ds\ntrain: images/train\nval: images/val\n${names}` },
      ['train', 'val'],
    ],
    [
      'absolute splits of another machine',
      { ...pair, 'data.yaml': `train: /no/ds/images/train\nval: C:\\ds\\images\\val\n${names}` },
      ['train', 'val'],
    ],
    [
      'a path from the parent',
      { 'ds/images/a.jpg': '', 'ds/labels/a.txt': row, 'cfg/ds.yaml': `path: ds\ntrain: images\n${names}` },
      ['train'],
    ],
    [
      'Roboflow',
      {
        'train/images/a.jpg': '',
        'train/labels/a.txt': row,
        'valid/images/b.jpg': '',
        'data.yaml': `train: ../train/images\nval: ../valid/images\nnc: 2\n${names}`,
      },
      ['train', 'val'],
    ],
    [
      'one folder for train and val',
      { 'images/val/a.jpg': '', 'labels/val/a.txt': row, 'data.yaml': `train: images/val\nval: images/val\n${names}` },
      ['val'],
    ],
    [
      'a split of its own name',
      {
        'images/x/a.jpg': '',
        'labels/x/a.txt': row,
        'data.yaml': `holdout: images/x\nval: images/x\nauthor: me\n${names}`,
      },
      ['holdout'],
    ],
    [
      'darknet as CVAT writes it',
      {
        'obj.data': 'classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n',
        'obj.names': 'car\nno\n\n',
        'train.txt': 'data/obj_train_data/a.jpg\n',
        'obj_train_data/a.jpg': '',
        'obj_train_data/a.txt': row,
      },
      ['train'],
    ],
    [
      'the root itself',
      { 'a.jpg': '', 'a.txt': row, 'b.jpg': '', 'data.yaml': `train: .\n${names}` },
      ['train', 'train'],
    ],
    [
      'a folder that begins like another',
      {
        'im/a.jpg': '',
        'im/a.txt': row,
        'im2/b.jpg': '',
        'im-3/c.jpg': '',
        'data.yaml': `train: im\nval: [im2, im-3]\n${names}`,
      },
      ['train', 'val', 'val'],
    ],
    [
      'classes.txt',
      { 'classes.txt': 'car\nno\n', 'images/a.jpg': '', 'labels/a.txt': row, 'notes.json': {} },
      [undefined],
    ],
    ['side by side', { 'classes.txt': 'car\nno\n', 'a.jpg': '', 'a.txt': row, 'b.jpg': '' }, [undefined, undefined]],
    ['names in each split', { 'train/a.jpg': '', 'train/a.txt': row, 'train/_darknet.labels': 'car\nno' }, ['train']],
  ]
  it.each(cases)('%s', async (_, files, splits) => {
    const root = await scratch.make(files)
    const { samples, problems, classes, total } = await readEverything(yoloReader, root)
    expect(problems).toEqual([])
    expect(total).toBe(splits.length)
    expect(samples.map((sample) => sample.split)).toEqual(splits)
    expect(classes.map((one) => one.name).sort()).toEqual(['car', 'no'])
    expect(samples[0]!.labels).toMatchObject([
      { kind: 'box', class: 'car', unit: 'fraction', box: { x: 0.375, y: 0.25, w: 0.25, h: 0.5 } },
    ])
    for (const sample of samples.slice(1)) expect(sample.labels).toEqual([])
  })

  it('names classes by number when nothing names them', async () => {
    const root = await scratch.make({ 'images/a.jpg': '', 'labels/a.txt': '3 0.1 0.1 0.2 0.1 0.2 0.2\n' })
    const { samples } = await readEverything(yoloReader, root)
    expect(samples[0]!.labels).toMatchObject([{ kind: 'polygon', class: '3' }])
  })

  it('takes the file the user points at', async () => {
    const root = await scratch.make({
      ...pair,
      'a.yaml': `train: images/train\n${names}`,
      'b.yaml': `val: images/val\n${names}`,
    })
    const { samples, problems } = await readEverything(yoloReader, join(root, 'b.yaml'))
    expect([samples.map((sample) => sample.path), problems]).toEqual([['images/val/b.jpg'], []])
    const both = await readEverything(yoloReader, root)
    expect(both.problems.map((one) => one.code)).toEqual(['yolo-described-twice', 'image-unlisted'])
  })

  it('reads keypoint names and shape', async () => {
    const text = `train: images\nkpt_shape: [1, 3]\nkpt_names: {0: [nose]}\n${names}`
    const root = await scratch.make({ 'images/a.jpg': '', 'labels/a.txt': '0 .5 .5 .5 .5 .1 .1 2', 'data.yaml': text })
    const { classes, samples } = await readEverything(yoloReader, root)
    expect(classes).toEqual([{ name: 'car', keypoints: ['nose'] }, { name: 'no' }])
    expect(samples[0]!.labels).toMatchObject([{ kind: 'keypoints' }])
  })

  it.each([
    ['captions', { 'a.jpg': '', 'a.txt': 'a cat on a mat' }],
    ['a training configuration', { 'a.jpg': '', 'args.yaml': 'task: detect\nepochs: 3\n' }],
    ['lists of images', { 'images/a.jpg': '', 'train.txt': 'images/a.jpg' }],
  ])('does not take %s for its own', async (_, files) => {
    const root = await scratch.make(files)
    const tree = await createSourceTree(root, { signal: new AbortController().signal, onProblem: () => {} })
    expect(await yoloReader.detect(tree)).toBeNull()
  })
})

it('stops when it is told to', async () => {
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`images/${i}.jpg`, '']))
  const root = await scratch.make({ ...files, 'labels/1.txt': row })
  const controller = new AbortController()
  const tree = await createSourceTree(root, { signal: controller.signal, onProblem: () => {} })
  const plan = await yoloReader.read(tree, { signal: controller.signal })
  let read = 0
  const readOn = async (): Promise<void> => {
    for await (const item of plan.items) if (item.type === 'sample' && ++read === 10) controller.abort()
  }
  await expect(readOn()).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(read).toBe(10)
})

describe('problems', () => {
  it('reports rows, files and splits that do not fit, and reads the rest', async () => {
    const root = await scratch.make({
      'data.yaml': `train: images/train\nval: images/val\ntest: list.txt\nnc: 3\n${names}`,
      'list.txt': 'images/train/a.jpg\nimages/gone.jpg\n',
      'images/train/a.jpg': '',
      'images/other/c.jpg': '',
      'labels/train/a.txt': `${row}\n5 0.5 0.5 0.1 0.1\n0 1 2\n`,
      'labels/train/gone.txt': row,
    })
    const { samples, problems } = await readEverything(yoloReader, root)
    expect(samples.map(({ path, split, labels }) => [path, split, labels.length])).toEqual([
      ['images/train/a.jpg', 'train', 1],
    ])
    expect(problems.map((one) => one.code)).toEqual([
      'image-missing',
      'split-missing',
      'class-count',
      'label-class',
      'label-row',
      'image-in-splits',
      'label-unused',
      'image-unlisted',
    ])
    expect(problems[1]!.what).toContain(join(root, 'images/val'))
    expect(problems[3]).toMatchObject({
      file: join(root, 'labels/train/a.txt'),
      what: expect.stringMatching(/^labels\/train\/a\.txt:3: /),
    })
  })

  it.each<[string, string, RegExp]>([
    ['broken yaml', 'train: images\nnames: [car\npath: x', /broken YAML at line \d+, column \d+/],
    ['names of another kind', 'train: images\nnames: car', /expected names as a list.*got "car"/],
    ['names that are no numbers', 'train: images\nnames: {a: car}', /expected names/],
    ['a shape of another kind', `train: images\nkpt_shape: 17\n${names}`, /expected kpt_shape.*got 17/],
    ['no images anywhere', `path: /no/ds\ntrain: pictures\n${names}`, /tried .*\/no\/ds\/pictures/],
    ['no splits', `path: .\n${names}`, /none of train, val and test/],
  ])('refuses %s', async (_, text, message) => {
    const root = await scratch.make({ 'images/a.jpg': '', 'data.yaml': text })
    await expect(readEverything(yoloReader, root)).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      message: expect.stringMatching(message),
    })
  })
})
