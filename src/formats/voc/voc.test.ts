import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { encode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import type { Label } from '#contract'
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
import { vocReader, vocWriter } from './index.ts'

const object = (name: string, [xmin, ymin, xmax, ymax]: readonly (number | string)[], more = ''): string =>
  `<object><name>${name}</name>${more}<bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`
const annotation = (inside: string): string => `<?xml version="1.0"?><annotation>${inside}</annotation>`

async function readFiles(files: Record<string, string | Uint8Array>): ReturnType<typeof readWith> {
  return withFolder(async (folder) => {
    await plant(folder, files)
    return readWith(vocReader, folder)
  })
}

describe('vocReader', () => {
  it('turns 1-based inclusive corners into a box, with flags and pose', async () => {
    const { samples, problems } = await readFiles({
      'JPEGImages/a.jpg': '',
      'Annotations/a.xml': annotation(
        `<filename>a.jpg</filename><size><width>500</width><height>375</height><depth>3</depth></size>
         ${object('dog &amp; cat', [48, 240, 195, 371], '<pose>Left</pose><truncated>1</truncated><difficult>0</difficult>')}
         ${object('cat', ['8.5', 12, '352.25', 498], '<pose>Unspecified</pose>')}`,
      ),
      'ImageSets/Main/train.txt': 'a\n',
      'ImageSets/Main/trainval.txt': 'a\n',
      'ImageSets/Main/cat_train.txt': 'a  1\n',
    })
    expect(problems).toEqual([])
    expect(samples).toMatchObject([
      { path: 'JPEGImages/a.jpg', split: 'train', statedSize: { width: 500, height: 375 } },
    ])
    const [dog, cat] = samples[0]!.labels
    expect(dog).toMatchObject({ kind: 'box', class: 'dog & cat', unit: 'px', box: { x: 47, y: 239, w: 148, h: 132 } })
    expect(dog!.attributes).toEqual({ pose: 'Left', truncated: true, difficult: false })
    expect(cat).toMatchObject({ box: { x: 7.5, y: 11, w: 344.75, h: 487 } })
    expect(cat!.attributes).toBeUndefined()
  })

  it('finds images by stem, then by the name stated, in any of the layouts', async () => {
    const xml = (filename: string): string => annotation(`<filename>${filename}</filename>${object('x', [1, 1, 2, 2])}`)
    const { samples, problems } = await readFiles({
      'beside/a.png': '',
      'beside/a.xml': xml('other.png'),
      'images/b.jpg': '',
      'annotations/b.xml': annotation(object('x', [1, 1, 2, 2])),
      'set/data/c.jpg': '',
      'set/labels/0001.xml': xml('c.jpg'),
      'images/none.jpg': '',
    })
    expect(problems).toEqual([])
    expect(samples.map(({ path, labels }) => [path, labels.length])).toEqual([
      ['images/b.jpg', 1],
      ['beside/a.png', 1],
      ['set/data/c.jpg', 1],
      ['images/none.jpg', 0],
    ])
  })

  it('names every fault and keeps what is sound', async () => {
    const { samples, problems } = await readFiles({
      'a.jpg': '',
      'a.xml': annotation(
        [
          object('x', [5, 1, 4, 2]),
          object('x', [1, 9, 4, 2]),
          object('x', ['left', 1, 4, 2]),
          '<object><bndbox><xmin>1</xmin></bndbox></object>',
          '<object><name>x</name></object>',
          object('good', [1, 1, 4, 2]),
        ].join(''),
      ),
      'b.jpg': '',
      'b.xml': '<annotation><object></annotation>',
      'c.jpg': '',
      'c.xml': '',
      'd.xml': annotation('<filename>nowhere.jpg</filename>'),
      'e.jpg': '',
      'e.xml':
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><annotation><object><name>&b;</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>',
      'f.xml': '<annotations><image/></annotations>',
      'images/g.jpg': '',
      'images/g.xml': annotation(''),
      'labels/g.xml': annotation(''),
    })
    expect(samples.map(({ path, labels }) => [path, labels.map((label) => label.class)])).toEqual([
      ['a.jpg', ['good']],
      ['e.jpg', ['&b;']],
      ['images/g.jpg', []],
    ])
    const said = problems.map(({ file, code, what }) => `${file.split('/').at(-1)} ${code}: ${what}`)
    expect(said).toEqual([
      'a.xml label-row: Object 1 is left out: xmin must not be above xmax, got 5 and 4.',
      'a.xml label-row: Object 2 is left out: ymin must not be above ymax, got 9 and 2.',
      'a.xml label-row: Object 3 is left out: xmin, ymin, xmax and ymax must be numbers.',
      'a.xml label-row: Object 4 is left out: the object has no name.',
      'a.xml label-row: Object 5 is left out: the object has no bndbox.',
      expect.stringMatching(/^b.xml annotation-broken: .*line 1/),
      'c.xml annotation-broken: The annotation cannot be read: it is empty.',
      'd.xml image-missing: No image has the stem of this annotation, and it names nowhere.jpg.',
      'g.xml annotation-twice: Its image is already described by images/g.xml, which was taken.',
    ])
  })

  it('reads polygons, rotated boxes and attributes of other tools', async () => {
    const { samples } = await readFiles({
      'a.jpg': '',
      'a.xml': annotation(
        `<object><name>p</name><polygon><x1>1</x1><y1>2</y1><x2>5</x2><y2>2</y2><x3>5</x3><y3>6.5</y3></polygon></object>
         <object><name>q</name><polygon><pt><x>0</x><y>0</y></pt><pt><x>3</x><y>0</y></pt><pt><x>3</x><y>3</y></pt></polygon></object>
         <object><name>r</name><robndbox><cx>10</cx><cy>8</cy><w>4</w><h>2</h><angle>${Math.PI / 2}</angle></robndbox></object>
         ${object('s', [1, 1, 2, 2], '<attributes><attribute><name>colour</name><value>red</value></attribute><attribute><name>age</name><value>3</value></attribute></attributes>')}`,
      ),
    })
    expect(samples[0]!.labels).toMatchObject([
      { kind: 'polygon', geometry: { parts: [[[1, 2, 5, 2, 5, 6.5]]] } },
      { kind: 'polygon', geometry: { parts: [[[0, 0, 3, 0, 3, 3]]] } },
      { kind: 'box', box: { x: 8, y: 7, w: 4, h: 2 }, attributes: { rotation: 90 } },
      { kind: 'box', attributes: { colour: 'red', age: 3 } },
    ])
  })

  it('takes instances by the order of objects, or by the class most of their pixels have', async () => {
    const png = (data: number[]): Uint8Array =>
      encode({ width: 3, height: 1, data: new Uint8Array(data), channels: 1, depth: 8 })
    const files = {
      'VOC/JPEGImages/a.jpg': '',
      'VOC/SegmentationClass/a.png': png([8, 255, 15]),
      'VOC/SegmentationObject/a.png': png([1, 255, 2]),
      'VOC/JPEGImages/b.jpg': '',
      'VOC/SegmentationClass/b.png': png([15, 0, 1]),
      'VOC/ImageSets/Segmentation/val.txt': 'a\n',
    }
    const bare = await readFiles(files)
    expect(bare.samples.map(({ path, split, masks }) => [path, split, masks?.[0]?.classes])).toEqual([
      ['VOC/JPEGImages/a.jpg', 'val', { 1: 'cat', 2: 'person' }],
      ['VOC/JPEGImages/b.jpg', undefined, expect.objectContaining({ 1: 'aeroplane', 15: 'person', 20: 'tvmonitor' })],
    ])
    expect(bare.samples[0]!.masks![0]!.ignore).toContain(255)
    const told = await readFiles({
      ...files,
      'VOC/Annotations/a.xml': annotation(object('kitten', [1, 1, 1, 1]) + object('girl', [3, 1, 3, 1])),
    })
    expect(told.samples[0]!.masks![0]!.classes).toEqual({ 1: 'kitten', 2: 'girl' })
  })

  const raccoon = sharedData('raccoon')
  it.skipIf(raccoon === null)('reads 200 real annotations without a fault', async () => {
    const { samples, problems } = await readWith(vocReader, raccoon!)
    expect(problems).toEqual([])
    expect(samples).toHaveLength(200)
    expect(new Set(samples.flatMap(({ labels }) => labels.map((label) => label.class)))).toEqual(new Set(['raccoon']))
    // raccoon-1.xml: 81, 88, 522, 408
    expect(samples.find((sample) => sample.path === 'images/raccoon-1.jpg')!.labels[0]!.box).toEqual({
      x: 80,
      y: 87,
      w: 442,
      h: 321,
    })
  })
})

describe('vocWriter', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .filter((name) => name.trim() === name && !/[\p{Cc}\p{Cs}\uFFFE\uFFFF\u2028\u2029]/u.test(name))
  const whole = fc.integer({ min: 0, max: 40 })
  const boxLabel = fc
    .record({
      name: text,
      x: whole,
      y: whole,
      w: fc.integer({ min: 1, max: 9 }),
      h: fc.integer({ min: 1, max: 9 }),
      difficult: fc.boolean(),
      note: fc.oneof(text, fc.integer(), fc.boolean()),
    })
    .map(({ name, difficult, note, ...box }) =>
      labelOf({ kind: 'box', class: name, box, attributes: { difficult, note } }),
    )

  it('writes boxes, polygons, splits and attributes that it reads back the same', async () => {
    await withFolder(async (folder) => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(boxLabel, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
          async (sets) => {
            const media = join(folder, 'media.jpg')
            await plant(folder, { 'media.jpg': 'x' })
            const samples = sets.map((labels, i) =>
              sampleOf({
                path: `line ${i}/a.jpg`,
                file: media,
                split: i % 2 ? 'held & out' : null,
                width: 64,
                height: 64,
                labels,
              }),
            )
            const target = join(folder, `out-${run++}`)
            await writeWith(vocWriter, target, samples, [])
            const back = await readWith(vocReader, target)
            expect(back.problems).toEqual([])
            expect(
              back.samples.map(({ path, split, labels }) => ({
                path,
                split,
                labels: labels.map(({ kind, class: name, box, attributes }) => ({ kind, name, box, attributes })),
              })),
            ).toEqual(
              samples.map(({ path, split, labels }) => ({
                path: `JPEGImages/${path}`,
                split: split ?? undefined,
                labels: labels.map(({ kind, class: name, box, attributes }) => ({ kind, name, box, attributes })),
              })),
            )
          },
        ),
        { numRuns: 40 },
      )
    })
  })

  it('writes areas as instance masks in the colours of VOC, and reads each back once', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'm.jpg': 'x' })
      const dog = maskLabel('dog', new Uint8Array([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]), 4, 3)
      const cat = maskLabel('cat', new Uint8Array([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]), 4, 3)
      const polygon: Label = labelOf({
        kind: 'polygon',
        class: 'cat',
        geometry: { type: 'polygon', parts: [[[0, 2, 2, 2, 2, 3, 0, 3]]] },
        box: { x: 0, y: 2, w: 2, h: 1 },
        area: 2,
      })
      const target = join(folder, 'out')
      const written = await writeWith(
        vocWriter,
        target,
        [sampleOf({ path: 'm.jpg', file: join(folder, 'm.jpg'), width: 4, height: 3, labels: [dog, polygon, cat] })],
        ['cat', 'dog'],
      )
      expect(written.labels).toBe(3)
      const { samples, classes, problems } = await readWith(vocReader, target)
      expect(problems).toEqual([])
      expect(classes).toEqual(['cat', 'dog'])
      expect(samples[0]!.labels).toMatchObject([{ kind: 'polygon', class: 'cat', geometry: polygon.geometry }])
      expect(await regionsOf(samples[0]!.masks![0]!)).toEqual([
        { class: 'dog', pixels: [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0] },
        { class: 'cat', pixels: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1] },
      ])
      // VOC's label colours (VOClabelcolormap.m): 1 is (128, 0, 0), 2 is (0, 128, 0).
      expect(await readFile(join(target, 'labelmap.txt'), 'utf8')).toBe(
        '# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,0::\ndog:0,128,0::\n',
      )
    })
  })

  it('counts what it cannot hold', () => {
    const losses = vocWriter.losses(
      summaryOf({
        kinds: { class: 2, box: 5, mask: 3, keypoints: 1 },
        polygonsWithHoles: 1,
        labelsWithScores: 4,
        samplesWithTags: 6,
        otherLayers: [{ name: 'model', labels: 7 }],
      }),
    )
    expect(losses.map(({ code, count }) => [code, count])).toEqual([
      ['kind-class', 2],
      ['kind-keypoints', 1],
      ['polygon-rasterised', 1],
      ['areas-overlap', 3],
      ['scores', 4],
      ['tags', 6],
      ['other-layer', 7],
    ])
    expect(vocWriter.losses(summaryOf({ kinds: { box: 5 }, labelsWithAttributes: 5, samplesWithSplit: 1 }))).toEqual([])
  })
})
