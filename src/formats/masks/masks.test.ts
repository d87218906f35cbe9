import { join } from 'node:path'
import fc from 'fast-check'
import { encode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import {
  labelOf,
  maskLabel,
  plant,
  readWith,
  regionsOf,
  sampleOf,
  sharedData,
  summaryOf,
  withFolder,
  writeWith,
} from '../testing.ts'
import { masksReader, masksWriter } from './index.ts'

function png(data: number[], depth: 8 | 16 = 8, palette?: number[][]): Uint8Array {
  const pixels = depth === 16 ? new Uint16Array(data) : new Uint8Array(data)
  return encode({ width: data.length, height: 1, data: pixels, channels: 1, depth, ...(palette ? { palette } : {}) })
}
const binary = png([0, 255, 255])

async function readFiles(files: Record<string, string | Uint8Array>): ReturnType<typeof readWith> {
  return withFolder(async (folder) => {
    await plant(folder, files)
    return readWith(masksReader, folder)
  })
}
const nameOf = (path: string): string => path.split('/').at(-1)!

describe('masksReader', () => {
  it.each<[string, Record<string, string | Uint8Array>]>([
    ['in one folder', { 'a.jpg': '', 'a.png': binary }],
    ['in a folder of masks', { 'images/a.jpg': '', 'masks/a.png': binary }],
    ['in data and labels', { 'data/a.png': '', 'labels/a.png': binary }],
    ['with a suffix', { 'images/a.jpg': '', 'masks/a_mask.png': binary }],
    ['in splits of folders', { 'images/train/a.jpg': '', 'masks/train/a.png': binary }],
    ['in folders of splits', { 'train/images/a.jpg': '', 'train/masks/a.png': binary }],
  ])('pairs an image and its mask %s', async (words, files) => {
    const { samples, problems } = await readFiles(files)
    expect(problems).toEqual([])
    expect(samples).toHaveLength(1)
    expect(samples[0]!.masks).toMatchObject([{ values: 'binary', classes: {}, otherClass: 'foreground' }])
    expect(samples[0]!.split).toBe(words.includes('splits') ? 'train' : undefined)
  })

  it.each<[string, Uint8Array[], string, Record<string, string>, object]>([
    [
      '8-bit numbers',
      [png([0, 1, 2]), png([0, 3, 255])],
      'index',
      {},
      { classes: {}, otherClass: '<value>', ignore: [0, 255] },
    ],
    ['16-bit numbers', [png([0, 300, 2], 16)], 'index', {}, { otherClass: '<value>' }],
    [
      'a palette',
      [
        png([0, 1, 2], 8, [
          [0, 0, 0],
          [255, 0, 0],
          [0, 255, 0],
        ]),
      ],
      'index',
      {},
      { otherClass: '<value>' },
    ],
    ['0 and 1', [png([0, 1, 1])], 'binary', {}, { otherClass: 'foreground' }],
    ['smoothed edges', [png([0, 30, 128, 250, 255])], 'binary', {}, { otherClass: 'foreground' }],
    [
      'numbers with value,name',
      [png([0, 1, 2])],
      'index',
      { 'labelmap.txt': '0,background\n1,crack\n2,hole\n' },
      { classes: { 1: 'crack', 2: 'hole' }, otherClass: null },
    ],
    [
      'numbers with names',
      [png([0, 1, 2])],
      'index',
      { 'classes.txt': 'crack\nhole\n' },
      { classes: { 1: 'crack', 2: 'hole' } },
    ],
    [
      'numbers with names from background',
      [png([0, 1, 2])],
      'index',
      { 'classes.txt': '_background_\ncrack\nhole\n' },
      { classes: { 1: 'crack', 2: 'hole' } },
    ],
    [
      'numbers with colours',
      [png([0, 1, 2])],
      'index',
      { 'labelmap.txt': '# label:color_rgb:parts:actions\nbackground:0,0,0::\ncrack:128,0,0::\nhole:0,128,0::\n' },
      { classes: { 1: 'crack', 2: 'hole' } },
    ],
  ])('reads %s', async (_, masks, values, names, expected) => {
    const files = Object.fromEntries(
      masks.flatMap((mask, i) => [
        [`images/${i}.jpg`, ''],
        [`masks/${i}.png`, mask],
      ]),
    )
    const { samples } = await readFiles({ ...files, ...names })
    for (const sample of samples) expect(sample.masks).toMatchObject([{ values, ...expected }])
  })

  it('reads colours by the colours of the list', async () => {
    const colours = encode({ width: 2, height: 1, data: new Uint8Array([128, 0, 0, 0, 0, 0]), channels: 3, depth: 8 })
    const { samples } = await readFiles({
      'images/a.jpg': '',
      'masks/a.png': colours,
      'labelmap.txt': 'background:0,0,0::\ncrack:128,0,0::\n',
    })
    expect(samples[0]!.masks).toMatchObject([{ values: 'index', classes: { [0x800000]: 'crack' } }])
  })

  it('takes class folders as classes of image and mask, past folders that say nothing', async () => {
    const { samples, classes } = await readFiles({
      'MT_B/Imgs/a.jpg': '',
      'MT_B/Imgs/a.png': binary,
      'MT_A/b.jpg': '',
      'MT_A/b.png': binary,
      'top.jpg': '',
    })
    expect(classes).toEqual(['MT_A', 'MT_B'])
    expect(samples.map(({ path, labels, masks }) => [path, labels[0]?.class, masks?.[0]?.otherClass])).toEqual([
      ['MT_A/b.jpg', 'MT_A', 'MT_A'],
      ['MT_B/Imgs/a.jpg', 'MT_B', 'MT_B'],
      ['top.jpg', undefined, undefined],
    ])
  })

  it('names masks without an image and masks that two images claim', async () => {
    const { samples, problems } = await readFiles({
      'images/a.jpg': '',
      'images/a.webp': '',
      'masks/a.png': binary,
      'images/b.jpg': '',
      'masks/b.png': binary,
      'masks/c.png': binary,
    })
    expect(samples.map(({ path, masks }) => [path, masks?.length ?? 0])).toEqual([
      ['images/a.jpg', 0],
      ['images/a.webp', 0],
      ['images/b.jpg', 1],
    ])
    expect(problems.map(({ file, code, what }) => [nameOf(file), code, what])).toEqual([
      ['c.png', 'mask-alone', 'The mask has no image of the same stem.'],
      ['a.png', 'mask-stem', 'Several images have the stem of this mask: a.jpg and a.webp. None of them was given it.'],
    ])
  })

  it('does not trip over a broken mask', async () => {
    const { samples } = await readFiles({ 'a.jpg': '', 'a.png': 'no png', 'b.jpg': '', 'b.png': binary })
    expect(samples.map(({ masks }) => masks?.length)).toEqual([1, 1])
  })

  const tiles = sharedData('magnetic-tiles')
  it.skipIf(tiles === null)('reads the magnetic tiles: 1344 samples, 6 classes', async () => {
    const { samples, classes, problems } = await readWith(masksReader, tiles!)
    expect(problems).toEqual([])
    expect(classes).toEqual(['MT_Blowhole', 'MT_Break', 'MT_Crack', 'MT_Fray', 'MT_Free', 'MT_Uneven'])
    expect(samples).toHaveLength(1344)
    const counts = classes.map((name) => samples.filter(({ labels }) => labels[0]!.class === name).length)
    expect(counts).toEqual([115, 85, 57, 32, 952, 103])
    for (const { path: place, labels, masks } of samples) {
      expect(place).toMatch(/^MT_\w+\/Imgs\/\S+\.jpg$/)
      expect(masks).toMatchObject([{ values: 'binary', otherClass: labels[0]!.class }])
    }
  })
})

describe('masksWriter', () => {
  const className = fc.constantFrom('crack', 'hole', 'images', 'train', 'a/b', 'Crack', '..', 'tab\tname')
  const region = fc.uint8Array({ minLength: 6, maxLength: 6, max: 1 }).filter((pixels) => pixels.includes(1))
  const drawn = fc.record({
    class: fc.option(className),
    mask: fc.option(fc.record({ class: className, pixels: region })),
    split: fc.constantFrom(null, 'train', 'line-3'),
    folder: fc.constantFrom('', 'images/', 'crack/Imgs/', 'crack/images/', 'sub/images/deep/', 'masks/'),
  })
  const classes = ['crack', 'hole', 'images', 'train', 'a/b', 'Crack', '..', 'tab\tname']

  it('writes class folders, masks and splits that it reads back the same', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'm.jpg': 'x' })
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(drawn, { minLength: 1, maxLength: 4 }), async (states) => {
          const samples = states.map((state, i) =>
            sampleOf({
              path: `${state.folder}${i % 2 ? 'a' : 'b'}.jpg`,
              file: join(folder, 'm.jpg'),
              width: 3,
              height: 2,
              split: state.split,
              labels: [
                ...(state.class === null ? [] : [labelOf({ kind: 'class' as const, class: state.class })]),
                ...(state.mask === null ? [] : [maskLabel(state.mask.class, state.mask.pixels, 3, 2)]),
              ],
            }),
          )
          const target = join(folder, `out-${run++}`)
          await writeWith(masksWriter, target, samples, classes)
          const back = await readWith(masksReader, target)
          expect(back.problems).toEqual([])
          expect(back.classes.toSorted()).toEqual(classes.toSorted())
          const seen = await Promise.all(
            back.samples.map(async ({ split, labels, masks }) =>
              JSON.stringify([split ?? null, labels.map((label) => label.class), await regionsOf(masks![0]!)]),
            ),
          )
          const meant = states.map((state) =>
            JSON.stringify([
              state.split,
              state.class === null ? [] : [state.class],
              state.mask === null ? [] : [{ class: state.mask.class, pixels: [...state.mask.pixels] }],
            ]),
          )
          expect(seen.toSorted()).toEqual(meant.toSorted())
        }),
        { numRuns: 60 },
      )
    })
  })

  it('keeps paths of its own layout, and later areas on top', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'm.jpg': 'x' })
      const labels = [
        labelOf({ kind: 'class', class: 'MT_Crack' }),
        maskLabel('MT_Crack', new Uint8Array([1, 1, 0]), 3, 1),
        maskLabel('hole', new Uint8Array([0, 1, 1]), 3, 1),
      ]
      await writeWith(
        masksWriter,
        join(folder, 'out'),
        [sampleOf({ path: 'MT_Crack/Imgs/a.jpg', file: join(folder, 'm.jpg'), width: 3, height: 1, labels })],
        ['MT_Crack', 'hole'],
      )
      const { samples } = await readWith(masksReader, join(folder, 'out'))
      expect(samples[0]!.path).toBe('MT_Crack/Imgs/a.jpg')
      expect(await regionsOf(samples[0]!.masks![0]!)).toEqual([
        { class: 'MT_Crack', pixels: [1, 0, 0] },
        { class: 'hole', pixels: [0, 1, 1] },
      ])
    })
  })

  it('uses 16 bits for more than 255 classes', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'm.jpg': 'x' })
      const names = Array.from({ length: 300 }, (_, i) => `class ${i}`)
      await writeWith(
        masksWriter,
        join(folder, 'out'),
        [
          sampleOf({
            path: 'm.jpg',
            file: join(folder, 'm.jpg'),
            width: 2,
            height: 1,
            labels: [maskLabel('class 299', new Uint8Array([0, 1]), 2, 1)],
          }),
        ],
        names,
      )
      const { samples } = await readWith(masksReader, join(folder, 'out'))
      expect(await regionsOf(samples[0]!.masks![0]!)).toEqual([{ class: 'class 299', pixels: [0, 1] }])
    })
  })

  it('counts what it cannot hold', () => {
    const codes = (over: Parameters<typeof summaryOf>[0]): [string, number][] =>
      masksWriter.losses(summaryOf(over)).map(({ code, count }) => [code, count])
    expect(codes({ kinds: { class: 9, mask: 3 }, samplesWithSeveralRegions: 0, samplesWithSplit: 9 })).toEqual([])
    expect(codes({ kinds: { class: 9, mask: 3 } })).toEqual([['areas-merge', 3]])
    expect(
      codes({
        kinds: { box: 2, polyline: 1, polygon: 4 },
        samplesWithSeveralRegions: 1,
        samplesWithSeveralClasses: 5,
        labelsWithAttributes: 6,
      }),
    ).toEqual([
      ['kind-box', 2],
      ['kind-polyline', 1],
      ['polygon-rasterised', 4],
      ['areas-merge', 1],
      ['several-classes', 5],
      ['attributes', 6],
    ])
  })
})
