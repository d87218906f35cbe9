import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Box, Label } from '#contract'
import { encodeMask, polygonBounds } from '#base'
import {
  createScratch,
  makeClass,
  makeLabel,
  makeSample,
  makeSummary,
  readEverything,
  writeEverything,
} from '../../../tests/support/formats.ts'
import type { DraftLabel } from '../types.ts'
import { yoloReader } from './reader.ts'
import { yoloWriter } from './writer.ts'

let scratch: Awaited<ReturnType<typeof createScratch>>
beforeAll(async () => void (scratch = await createScratch()))
afterAll(() => scratch.remove())

const width = 4000
const height = 3000
const classes = [
  makeClass('no', { keypoints: ['a', 'b'] }),
  makeClass('two\nlines: "ü" # x', { keypoints: ['a', 'b', 'c'] }),
  makeClass('1_000'),
]

/** Sixteenths, shifted so that no value lies at an edge of rounding to hundredths. */
const number = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.ceil(min * 16), max: Math.floor(max * 16) - 1 }).map((sixteenths) => sixteenths / 16 + 1 / 32)
const box: fc.Arbitrary<Box> = fc
  .tuple(number(0, width - 10), number(0, height - 10), number(0.1, 10), number(0.1, 10))
  .map(([x, y, w, h]) => ({ x, y, w, h }))
const className = fc.constantFrom(...classes.map((one) => one.name))
const boxLabel = fc.record({ box, class: className }).map((one) => makeLabel({ kind: 'box', ...one, area: 1 }))
const polygonLabel = fc
  .record({
    points: fc.array(fc.tuple(number(0, width), number(0, height)), { minLength: 3, maxLength: 6 }),
    class: className,
  })
  .filter(({ points }) => new Set(points.map(([x]) => x)).size > 1 && new Set(points.map(([, y]) => y)).size > 1)
  .map(({ points, class: name }) => {
    const geometry = { type: 'polygon' as const, parts: [[points.flat()]] }
    return makeLabel({ kind: 'polygon', class: name, geometry, box: polygonBounds(geometry), area: 1 })
  })
const point: fc.Arbitrary<[number, number, number]> = fc.tuple(
  number(0, width),
  number(0, height),
  fc.constantFrom(1, 2),
)
const posedLabel = fc
  .tuple(box, fc.constantFrom(0, 1), fc.array(point, { minLength: 3, maxLength: 3 }), fc.boolean())
  .map(([one, number_, points, hidden]) => {
    const own = points.slice(0, classes[number_]!.keypoints!.length)
    if (hidden) own[1] = [0, 0, 0]
    return makeLabel({
      kind: 'keypoints',
      class: classes[number_]!.name,
      box: one,
      geometry: { type: 'keypoints', points: own },
      area: 1,
    })
  })
const split = fc.constantFrom(
  'train',
  'val',
  'test',
  'valid',
  'a/b',
  'a_b',
  'names',
  'null',
  'images',
  '2017',
  'line\nbreak',
)
const path = fc.constantFrom(
  'a.jpg',
  'A.png',
  'a.png',
  'images/a.jpg',
  'x/images/a.jpg',
  'train/images/a.jpg',
  'ü z/ä\n.jpg',
  'labels/b.jpg',
)

describe.each([
  ['boxes', boxLabel],
  ['outlines', polygonLabel],
  ['keypoints beside boxes', fc.oneof(boxLabel, posedLabel)],
])('round trip of %s', (name, label) => {
  it('gives back what was written', async () => {
    const sample = fc.record({ path, split, labels: fc.array(label, { minLength: 1, maxLength: 4 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 7 }), fc.boolean(), async (made, away) => {
        const samples = made.map((one, i) =>
          makeSample(one.path, { ...one, id: `s_${i}`, file: `/nowhere/${i}.jpg`, width, height }),
        )
        const folder = await scratch.make({})
        const written = await writeEverything(yoloWriter, folder, samples, classes, away ? 'none' : 'copy')
        const read = await readEverything(yoloReader, folder)
        expect(read.problems).toEqual([])
        expect(written.labels).toBe(samples.flatMap((one) => one.labels).length)
        expect(read.classes.map((one) => one.name)).toEqual(classes.map((one) => one.name))
        if (away) expect(read.samples.map((one) => one.file).sort()).toEqual(samples.map((one) => one.file).sort())
        const wanted = samples.map((one) => ({
          split: one.split === 'names' ? 'split_names' : one.split!,
          labels: one.labels,
        }))
        const got = read.samples.map((one) => ({ split: one.split!, labels: one.labels.map(toPixels) }))
        const key = (one: { split: string; labels: Label[] }): string =>
          JSON.stringify([
            one.split,
            one.labels.map(({ kind, class: c, box: b, geometry }) => [
              kind,
              c,
              rounded(numbersOf(kind === 'polygon' ? null : b, geometry)),
            ]),
          ])
        expect(got.map(key).sort()).toEqual(wanted.map(key).sort())
      }),
      { numRuns: name === 'boxes' ? 60 : 40 },
    )
  })
})

it('stays within a thousandth of a pixel', async () => {
  const real = (max: number): fc.Arbitrary<number> => fc.double({ min: 0.01, max, noNaN: true })
  const anyBox = fc.tuple(real(width / 2), real(height / 2), real(width / 2), real(height / 2))
  const anyLabel = anyBox.map(([x, y, w, h]) => makeLabel({ kind: 'box', class: 'no', box: { x, y, w, h } }))
  await fc.assert(
    fc.asyncProperty(fc.array(anyLabel, { minLength: 20, maxLength: 20 }), async (labels) => {
      const folder = await scratch.make({})
      await writeEverything(yoloWriter, folder, [makeSample('a.jpg', { width, height, labels })], classes)
      const { samples } = await readEverything(yoloReader, folder)
      samples[0]!.labels.map(toPixels).forEach((label, i) => {
        for (const side of ['x', 'y', 'w', 'h'] as const)
          expect(Math.abs(label.box![side] - labels[i]!.box![side])).toBeLessThan(1e-3)
      })
    }),
    { numRuns: 20 },
  )
})

describe('what is written', () => {
  const square = {
    type: 'polygon' as const,
    parts: [
      [
        [0, 0, 8, 0, 8, 8, 0, 8],
        [2, 2, 4, 2, 4, 4],
      ],
      [[10, 10, 12, 10, 12, 12]],
    ],
  }
  const polygon = makeLabel({
    kind: 'polygon',
    class: 'no',
    box: { x: 0, y: 0, w: 12, h: 12 },
    geometry: square,
    area: 1,
  })
  const plain = makeLabel({ kind: 'box', class: 'no', box: { x: -1, y: 4, w: 5, h: 4 }, area: 1 })
  const posed = makeLabel({
    kind: 'keypoints',
    class: 'no',
    box: { x: 0, y: 0, w: 8, h: 8 },
    geometry: { type: 'keypoints', points: [[4, 8, 2]] },
    area: 1,
  })
  const write = async (labels: Label[], more = {}) => {
    const folder = await scratch.make({})
    const written = await writeEverything(
      yoloWriter,
      folder,
      [makeSample('x/a.jpg', { width: 16, height: 16, labels, ...more })],
      classes,
    )
    const text = await readFile(join(folder, 'labels/train/x/a.txt'), 'utf8').catch(() => null)
    return { folder, text, written, yaml: await readFile(join(folder, 'data.yaml'), 'utf8') }
  }

  it('makes corners of boxes among outlines, and a row of each part', async () => {
    const { text, written } = await write([polygon, plain])
    expect(text).toBe(
      '0 0 0 0.5 0 0.5 0.5 0 0.5\n0 0.625 0.625 0.75 0.625 0.75 0.75\n0 0 0.25 0.25 0.25 0.25 0.5 0 0.5\n',
    )
    expect(written).toEqual({ labels: 2, files: 2 })
  })

  it('makes boxes of outlines among keypoints', async () => {
    const { text, yaml } = await write([posed, polygon, plain])
    expect(text).toBe('0 0.25 0.25 0.5 0.5 0.25 0.5 2\n0 0.375 0.375 0.75 0.75 0 0 0\n0 0.125 0.375 0.25 0.25 0 0 0\n')
    expect(parse(yaml)).toMatchObject({ kpt_shape: [1, 3], kpt_names: { 0: ['a', 'b'] } })
  })

  it('traces masks', async () => {
    const pixels = new Uint8Array(256)
    for (const at of [17, 18, 33, 34, 100]) pixels[at] = 1
    const mask = makeLabel({
      kind: 'mask',
      class: 'no',
      box: { x: 1, y: 1, w: 4, h: 6 },
      geometry: encodeMask(pixels, 16, 16),
      area: 5,
    })
    const { text } = await write([mask])
    expect(
      text!
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ').length),
    ).toEqual([9, 9])
  })

  it('describes the dataset for ultralytics', async () => {
    const { folder, yaml } = await write([plain])
    expect(parse(yaml, { version: '1.1' })).toEqual({
      train: 'images/train',
      val: 'images/train',
      names: { 0: 'no', 1: 'two\nlines: "ü" # x', 2: '1_000' },
    })
    expect((await readdir(folder)).sort()).toEqual(['data.yaml', 'images', 'labels'])
  })

  it('gives samples without labels no label file', async () => {
    const { text, written } = await write([makeLabel({ kind: 'class', class: 'no' })])
    expect([text, written]).toEqual([null, { labels: 0, files: 1 }])
  })
})

it('says what is lost', () => {
  const codes = (more: Parameters<typeof makeSummary>[0]): unknown[] =>
    yoloWriter.losses(makeSummary({ samplesWithSplit: 1, ...more })).map(({ code, count }) => [code, count])
  expect(codes({ kinds: { box: 3 } })).toEqual([])
  expect(codes({ kinds: { polygon: 3 } })).toEqual([])
  expect(codes({ kinds: { box: 1, polygon: 2, mask: 3 }, polygonsWithHoles: 1, polygonsWithParts: 2 })).toEqual([
    ['box-outlines', 1],
    ['polygon-holes', 1],
    ['polygon-parts', 2],
    ['mask-outlines', 3],
  ])
  expect(codes({ kinds: { keypoints: 1, mask: 3, class: 4 } })).toEqual([
    ['kind-class', 4],
    ['outline-boxes', 3],
  ])
  expect(codes({ samples: 5, rotatedLabels: 2, labelsWithAttributes: 3, labelsWithScores: 4 })).toEqual([
    ['rotation', 2],
    ['split-default', 4],
    ['attributes', 3],
    ['scores', 4],
  ])
})

function toPixels({ kind, class: name, box: stated, geometry }: DraftLabel): Label {
  const scale = (flat: readonly number[]): number[] => flat.map((value, i) => value * (i % 2 === 0 ? width : height))
  const pixels = stated && { x: stated.x * width, y: stated.y * height, w: stated.w * width, h: stated.h * height }
  const shape =
    geometry?.type === 'polygon'
      ? { ...geometry, parts: geometry.parts.map((rings) => rings.map(scale)) }
      : geometry?.type === 'keypoints'
        ? {
            ...geometry,
            points: geometry.points.map(([x, y, v]): [number, number, number] => [x * width, y * height, v]),
          }
        : null
  return makeLabel({ kind, class: name, box: pixels ?? null, geometry: shape })
}

function numbersOf(stated: Box | null, geometry: Label['geometry']): number[] {
  const own = stated ? [stated.x, stated.y, stated.w, stated.h] : []
  if (geometry?.type === 'polygon') return [...own, ...geometry.parts.flat(2)]
  return geometry?.type === 'keypoints' ? [...own, ...geometry.points.flat()] : own
}

function rounded(numbers: readonly number[]): number[] {
  return numbers.map((value) => Math.round(value * 100) / 100 + 0)
}
