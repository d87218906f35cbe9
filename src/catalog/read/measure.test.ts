import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Label } from '#contract'
import type { DatasetRef } from '../types.ts'
import { newSample, openScratch, type Scratch } from '../testing.ts'

let scratch: Scratch
let dataset: DatasetRef
const box = (name: string, w: number, h: number): Label => ({
  kind: 'box',
  class: name,
  box: { x: 0, y: 0, w, h },
  geometry: null,
  area: w * h,
  score: null,
  attributes: {},
  author: null,
})

beforeAll(async () => {
  scratch = await openScratch()
  dataset = await scratch.catalog.ensureDataset('d', 'test')
  const change = scratch.catalog.openChange({ actor: 'test', operation: 'test', dataset })
  await change.step(async (step) => {
    const ids = await step.addSamples(
      [1, 2, 3].map((n) => newSample(n)),
      'truth',
    )
    await step.replaceLabels('truth', [
      { id: ids[0]!, labels: [box('crack', 10, 10), box('crack', 50, 50), box('dent', 20, 10)], digest: 'a' },
      { id: ids[2]!, labels: [box('dent', 100, 50)], digest: 'b' },
    ])
  })
  await change.close('test')
})
afterAll(() => scratch.close())

const values = async (text: string) => (await scratch.catalog.measure(dataset, text)).values

it('measures fields, counts of labels and aggregates of them, sample by sample', async () => {
  expect(await values('width')).toEqual([100, 100, 100])
  expect(await values('objects')).toEqual([3, 0, 1])
  expect(await values('labels')).toEqual([3, 0, 1])
  expect(await values('crack')).toEqual([2, 0, 0])
  expect(await values('labels[class = "dent" and width >= 0.2]')).toEqual([1, 0, 1])
  expect(await values('labels[class = "crack"].area_px.max')).toEqual([2500, null, null])
  expect(await values('labels.width.sum')).toEqual([0.8, 0, 1])
  expect(await values('layer("truth").labels[width > 0.4]')).toEqual([1, 0, 1])
})

it('says what kind of value it is', async () => {
  expect(await scratch.catalog.measure(dataset, 'path')).toMatchObject({ of: 'field', type: 'string' })
  expect(await scratch.catalog.measure(dataset, 'labels')).toMatchObject({ of: 'labels', type: 'integer' })
  expect(await scratch.catalog.measure(dataset, 'labels.area.min')).toMatchObject({ of: 'labels-value' })
})

it.each([
  ['wdith', { start: 0, end: 5 }],
  ['width > 3', { start: 6, end: 7 }],
  ['labels[clas = "x"]', { start: 7, end: 11 }],
  ['labels[slice:x]', { start: 7, end: 14 }],
  ['tag', { start: 0, end: 3 }],
  ['id', { start: 0, end: 2 }],
  ['similar("s_1")', { start: 0, end: 14 }],
  ['labels[area >', { start: 13, end: 13 }],
])('refuses %s with its place', async (text, span) => {
  await expect(scratch.catalog.measure(dataset, text)).rejects.toMatchObject({
    code: 'QUERY_INVALID',
    details: { span },
  })
})
