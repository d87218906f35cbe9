import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Label } from '#contract'
import { encodeMask, maskArea, maskBounds, polygonBounds } from '#base'
import {
  createScratch,
  makeClass,
  makeLabel,
  makeSample,
  makeSummary,
  readEverything,
  writeEverything,
} from '../../../tests/support/formats.ts'
import { cocoReader } from './reader.ts'
import { cocoWriter } from './writer.ts'

let scratch: Awaited<ReturnType<typeof createScratch>>
beforeAll(async () => void (scratch = await createScratch()))
afterAll(() => scratch.remove())

const classes = [
  makeClass('car', { supercategory: 'vehicle', color: '#ff0080' }),
  makeClass('line\nbreak "quoted" ü', { keypoints: ['a', 'b'], skeleton: [[1, 2]] }),
]
const width = 12
const height = 9

const number = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map((value) => value + 0)
const box = fc
  .tuple(number(0, 11), number(0, 8), number(0.01, 1), number(0.01, 1))
  .map(([x, y, w, h]) => ({ x, y, w, h }))
const ring = fc
  .array(fc.tuple(number(0, width), number(0, height)), { minLength: 3, maxLength: 6 })
  .map((points) => points.flat())
const shape = fc.oneof(
  box.map((one) => ({ kind: 'box' as const, box: one, area: one.w * one.h })),
  fc.array(ring, { minLength: 1, maxLength: 3 }).map((rings) => {
    const geometry = { type: 'polygon' as const, parts: rings.map((one) => [one]) }
    return { kind: 'polygon' as const, box: polygonBounds(geometry), geometry, area: 1 }
  }),
  fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 }).map((pixels) => {
    pixels[5] = 1
    const geometry = encodeMask(pixels, width, height)
    return { kind: 'mask' as const, box: maskBounds(geometry), geometry, area: maskArea(geometry) }
  }),
  fc
    .tuple(
      box,
      fc.array(fc.tuple(number(0, width), number(0, height), fc.integer({ min: 0, max: 2 })), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([one, points]) => ({
      kind: 'keypoints' as const,
      box: one,
      geometry: { type: 'keypoints' as const, points },
      area: 1,
    })),
)
const label: fc.Arbitrary<Label> = fc
  .record({
    shape,
    class: fc.constantFrom(...classes.map((one) => one.name)),
    score: fc.option(number(0, 1)),
    attributes: fc.record(
      { crowd: fc.constant(true), colour: fc.string({ minLength: 1 }), age: fc.integer() },
      { requiredKeys: [] },
    ),
  })
  .map(({ shape: one, ...rest }) => makeLabel({ ...one, ...rest }))
const sample = fc.record({
  path: fc.constantFrom(
    'a.jpg',
    'A.jpg',
    'x/a.jpg',
    'images/train/a.jpg',
    'train/a.jpg',
    'y z/ü.png',
    'images/data/x/a.jpg',
  ),
  split: fc.constantFrom(null, 'train', 'val', 'default', 'a/b', 'a_b', 'line\nbreak', 'x'),
  labels: fc.array(label, { maxLength: 4 }),
})

describe('round trip', () => {
  it('gives back what was written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { maxLength: 8 }), async (made) => {
        const samples = made.map((one, i) => makeSample(one.path, { ...one, id: `s_${i}`, width, height }))
        const folder = await scratch.make({})
        const written = await writeEverything(cocoWriter, folder, samples, classes)
        const read = await readEverything(cocoReader, folder)
        expect(read.problems).toEqual([])
        expect(written.labels).toBe(samples.flatMap((one) => one.labels).length)
        expect(read.classes).toMatchObject([
          { name: 'car', supercategory: 'vehicle', color: '#ff0080' },
          { name: classes[1]!.name, keypoints: ['a', 'b'], skeleton: [[1, 2]] },
        ])
        const order = new Map([...new Set(samples.map((one) => one.split))].map((split, i) => [split, i]))
        const wanted = samples
          .toSorted((a, b) => order.get(a.split)! - order.get(b.split)!)
          .map((one) => [one.split ?? undefined, one.labels.map(essence)] as const)
        const got = read.samples.map((one) => [one.split, one.labels.map(essence)] as const)
        const bySplit = (rows: typeof wanted): string[] => rows.map((row) => JSON.stringify(row)).sort()
        expect(bySplit(got)).toEqual(bySplit(wanted))
      }),
      { numRuns: 60 },
    )
  })

  it('names the originals when media stays where it is', async () => {
    const source = await scratch.make({ 'deep/a\nb.jpg': '', 'deep/other/a.jpg': '' })
    const samples = ['deep/a\nb.jpg', 'deep/other/a.jpg'].map((path) =>
      makeSample(path, { file: join(source, path), split: 'val' }),
    )
    const folder = await scratch.make({})
    expect(await writeEverything(cocoWriter, folder, samples, classes, 'none')).toEqual({ labels: 0, files: 1 })
    const { samples: read, problems } = await readEverything(cocoReader, folder)
    expect(problems).toEqual([])
    expect(read.map((one) => one.file)).toEqual(samples.map((one) => one.file))
  })

  it('keeps order and leaves nothing but its files', async () => {
    const folder = await scratch.make({})
    const samples = Array.from({ length: 1000 }, (_, i) =>
      makeSample(`${i}.jpg`, {
        split: i % 2 === 0 ? 'train' : null,
        labels: [
          makeLabel({
            kind: 'box',
            class: 'car',
            box: { x: i, y: 0, w: 1, h: 1 },
            attributes: { note: 'x'.repeat(200) },
          }),
        ],
      }),
    )
    await writeEverything(cocoWriter, folder, samples, classes)
    expect((await readdir(folder)).sort()).toEqual(['annotations', 'data', 'images', 'labels.json'])
    expect(await readdir(join(folder, 'annotations'))).toEqual(['instances_train.json'])
    const { samples: read } = await readEverything(cocoReader, folder)
    const numbers = (split: string | undefined): number[] =>
      read.filter((one) => one.split === split).map((one) => one.labels[0]!.box!.x)
    expect(numbers('train')).toEqual(Array.from({ length: 500 }, (_, i) => i * 2))
    expect(numbers(undefined)).toEqual(Array.from({ length: 500 }, (_, i) => i * 2 + 1))
  })
})

describe('what COCO cannot hold', () => {
  it('writes polygons with holes as run lengths', async () => {
    const outer = [0, 0, 4, 0, 4, 4, 0, 4]
    const hole = [1, 1, 2, 1, 2, 2, 1, 2]
    const polygon = makeLabel({
      kind: 'polygon',
      class: 'car',
      box: { x: 0, y: 0, w: 4, h: 4 },
      area: 15,
      geometry: { type: 'polygon', parts: [[outer, hole]] },
    })
    const folder = await scratch.make({})
    await writeEverything(
      cocoWriter,
      folder,
      [makeSample('a.jpg', { width: 5, height: 4, labels: [polygon] })],
      classes,
    )
    const { samples } = await readEverything(cocoReader, folder)
    expect(samples[0]!.labels[0]).toMatchObject({
      kind: 'mask',
      geometry: { type: 'mask', size: [4, 5], counts: [0, 5, 1, 10, 4] },
    })
    expect(cocoWriter.losses(makeSummary({ polygonsWithHoles: 2 }))).toMatchObject([
      { code: 'polygon-holes', count: 2 },
    ])
  })

  it('leaves out class labels and polylines, and says so', async () => {
    const labels = [
      makeLabel({ kind: 'class', class: 'car' }),
      makeLabel({
        kind: 'polyline',
        class: 'car',
        box: { x: 0, y: 0, w: 1, h: 1 },
        geometry: { type: 'polyline', paths: [[0, 0, 1, 1]] },
      }),
    ]
    const folder = await scratch.make({})
    expect(await writeEverything(cocoWriter, folder, [makeSample('a.jpg', { labels })], [])).toEqual({
      labels: 0,
      files: 1,
    })
    expect(JSON.parse(await readFile(join(folder, 'labels.json'), 'utf8'))).toMatchObject({
      annotations: [],
      categories: [],
    })
    const losses = cocoWriter.losses(
      makeSummary({
        kinds: { class: 3, polyline: 1, box: 9 },
        labelsWithAttributes: 5,
        crowdLabels: 2,
        rotatedLabels: 1,
        labelsWithScores: 4,
        labelsWithAuthors: 6,
        samplesWithTags: 7,
        samplesWithFields: 8,
        samplesWithSplit: 1,
        otherLayers: [{ name: 'model', labels: 11 }],
      }),
    )
    expect(losses.map(({ code, count }) => [code, count])).toEqual([
      ['kind-class', 3],
      ['kind-polyline', 1],
      ['attributes', 3],
      ['rotation', 1],
      ['authors', 6],
      ['tags', 7],
      ['fields', 8],
      ['other-layer', 11],
    ])
    expect(
      cocoWriter.losses(makeSummary({ kinds: { box: 1, polygon: 1, mask: 1, keypoints: 1 }, labelsWithScores: 3 })),
    ).toEqual([])
  })
})

/** What the format holds of a label, as both ends state it. */
function essence(
  one: Pick<Label, 'kind' | 'class'> & {
    box?: unknown
    geometry?: unknown
    score?: number | null
    attributes?: unknown
  },
): unknown {
  const { kind, class: name, box: stated, geometry, score, attributes } = one
  return {
    kind,
    name,
    box: kind === 'box' || kind === 'keypoints' ? stated : null,
    geometry: geometry ?? null,
    score: score ?? null,
    attributes: sorted(attributes ?? {}),
  }
}

function sorted(attributes: object): unknown {
  return Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
}
